import { describe, expect, it } from 'vitest';
import { expectedErrors, type PredictionLog, recordPrediction } from '../../../src/model/prediction-log.ts';

const predicted = { completionSeconds: 100, trafficBytes: 1000, downtimeSeconds: 1 };

/** Migrations under one key, each of which took so many times what was predicted. */
function logOf(key: string, factors: readonly number[], log: PredictionLog = []): PredictionLog {
  return factors.reduce(
    (entries, factor) => recordPrediction(entries, key, predicted, { ...predicted, completionSeconds: 100 * factor }),
    log,
  );
}

describe('recordPrediction', () => {
  it('keeps the logarithm of what was observed over what was predicted, as plain JSON', () => {
    const log = recordPrediction([], 'db', predicted, {
      completionSeconds: 110,
      trafficBytes: 900,
      downtimeSeconds: 2,
    });
    expect(log).toEqual([{ key: 'db', completion: Math.log(1.1), traffic: Math.log(0.9), downtime: Math.log(2) }]);
    expect(JSON.parse(JSON.stringify(log))).toEqual(log);
  });

  it('has nothing to say of a cost that was 0', () => {
    const [entry] = recordPrediction([], 'db', { ...predicted, downtimeSeconds: 0 }, predicted);
    expect(entry).toMatchObject({ downtime: null, traffic: 0 });
  });

  it('keeps the last 32 of each key and does not change the log it is given', () => {
    const factors = Array.from({ length: 40 }, (_, index) => index + 1);
    const web = logOf('web', [5]);
    const log = logOf('db', factors, web);
    expect(web).toHaveLength(1);
    expect(log.filter(({ key }) => key === 'web')).toHaveLength(1);
    const db = log.filter(({ key }) => key === 'db');
    expect(db).toHaveLength(32);
    expect(db[0]!.completion).toBeCloseTo(Math.log(9), 12);
  });

  it.each([
    ['predicted.trafficBytes', () => recordPrediction([], 'db', { ...predicted, trafficBytes: -1 }, predicted)],
    [
      'observed.completionSeconds',
      () => recordPrediction([], 'db', predicted, { ...predicted, completionSeconds: Number.NaN }),
    ],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});

describe('expectedErrors', () => {
  it('expects no bias, and a tenth or two either way, before anything was observed', () => {
    const { completion } = expectedErrors([], 'db');
    expect(completion).toMatchObject({ count: 0, bias: 0 });
    expect(completion.spread).toBeGreaterThan(0.05);
  });

  it('learns a bias and how steady it is', () => {
    const steady = expectedErrors(logOf('db', new Array(30).fill(1.3)), 'db').completion;
    expect(steady.count).toBe(30);
    expect(steady.bias).toBeCloseTo((30 * Math.log(1.3)) / 32, 12);
    expect(steady.spread).toBeLessThan(0.1);
    const unsteady = expectedErrors(logOf('db', new Array(15).fill([0.7, 1.5]).flat()), 'db').completion;
    expect(unsteady.spread).toBeGreaterThan(0.35);
  });

  it('learns nothing from other strategies: twelve entries three times off change nothing', () => {
    const foreign = logOf('turns converged', new Array(12).fill(3));
    expect(expectedErrors(foreign, 'oba+mo converged')).toEqual(expectedErrors([], 'oba+mo converged'));
    const two = logOf('oba+mo converged', [1.2, 1.3], foreign);
    expect(expectedErrors(two, 'oba+mo converged').completion).toMatchObject({ count: 2, bias: 0 });
    const three = logOf('oba+mo converged', [1.2, 1.2, 1.2], foreign);
    expect(expectedErrors(three, 'oba+mo converged').completion.bias).toBeCloseTo((3 * Math.log(1.2)) / 5, 12);
  });
});
