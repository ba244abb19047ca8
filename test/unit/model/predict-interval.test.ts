import { describe, expect, it } from 'vitest';
import { predictMigration } from '../../../src/model/predict.ts';
import { predictInterval } from '../../../src/model/predict-interval.ts';
import { expectedErrors, recordPrediction } from '../../../src/model/prediction-log.ts';

const mib = 2 ** 20;
const load = { memoryBytes: 1024 * mib, wwsBytes: 200 * mib, dirtyBytesPerSecond: 4 * mib };
const rate = 16 * mib;

describe('predictInterval', () => {
  it('is the prediction itself where nothing is uncertain', () => {
    const { completionSeconds, trafficBytes, downtimeSeconds, coverage } = predictInterval(load, rate);
    const exact = predictMigration(load, rate);
    const same = (value: number) => ({ low: value, likely: value, high: value });
    expect(completionSeconds).toEqual(same(exact.completionSeconds));
    expect(trafficBytes).toEqual(same(exact.trafficBytes));
    expect(downtimeSeconds).toEqual(same(exact.downtimeSeconds));
    expect(coverage).toBe(0.9);
  });

  it('reaches from the lightest load to the heaviest', () => {
    const { completionSeconds } = predictInterval(load, rate, { uncertainty: { dirty: 0.2 }, coverage: 0.8 });
    const at = (dirtyBytesPerSecond: number) => predictMigration({ ...load, dirtyBytesPerSecond }, rate);
    expect(completionSeconds.low).toBeCloseTo(at(4 * mib * Math.exp(-0.2 * 1.2816)).completionSeconds, 1);
    expect(completionSeconds.likely).toBe(at(4 * mib).completionSeconds);
    expect(completionSeconds.high).toBeCloseTo(at(4 * mib * Math.exp(0.2 * 1.2816)).completionSeconds, 1);
  });

  it('takes out the bias that predictions have shown, and is as wide as they were off', () => {
    const exact = predictMigration(load, rate);
    const log = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 1.1 : 1.3)).reduce<
      ReturnType<typeof recordPrediction>
    >(
      (entries, factor) =>
        recordPrediction(entries, 'db', exact, { ...exact, completionSeconds: exact.completionSeconds * factor }),
      [],
    );
    const errors = expectedErrors(log, 'db');
    const { completionSeconds } = predictInterval(load, rate, { errors });
    expect(completionSeconds.likely / exact.completionSeconds).toBeCloseTo(Math.exp(errors.completion.bias), 12);
    expect(completionSeconds.high / completionSeconds.likely).toBeCloseTo(
      Math.exp(1.645 * errors.completion.spread),
      3,
    );
    expect(completionSeconds.low / exact.completionSeconds).toBeLessThan(1.1);
    expect(completionSeconds.high / exact.completionSeconds).toBeGreaterThan(1.3);
  });

  it('allows for a pause just within the threshold where the number of rounds is uncertain', () => {
    const { downtimeSeconds } = predictInterval(load, rate, { uncertainty: { dirty: 0.3 } });
    expect(downtimeSeconds.high).toBe((50 * 4096) / rate);
    expect(downtimeSeconds.low).toBeLessThan(downtimeSeconds.likely / 3);
    expect(downtimeSeconds.low).toBeGreaterThan(0);
  });

  it('refuses a coverage that is none', () => {
    expect(() => predictInterval(load, rate, { coverage: 2 })).toThrow(/^coverage /);
  });
});
