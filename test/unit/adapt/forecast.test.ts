import { describe, expect, it } from 'vitest';
import { PhaseForecast } from '../../../src/adapt/phase-forecast.ts';
import { WindowForecast } from '../../../src/adapt/window-forecast.ts';
import { VmbuddiesError } from '../../../src/errors.ts';
import { normal, seededRandom } from '../../../src/random.ts';
import { noisySeries, onOff } from '../phase/series.ts';

const seeds = Array.from({ length: 100 }, (_, seed) => seed + 1);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('PhaseForecast', () => {
  it('knows nothing before the first observation', () => {
    expect(new PhaseForecast().next(10)).toMatchObject({ mean: 0, low: 0, high: Number.POSITIVE_INFINITY });
  });

  it('expects a steady series to go on, the more surely the longer the window', () => {
    const forecast = new PhaseForecast(noisySeries([[3000, 120]], 0.12, 1));
    const short = forecast.next(1);
    const long = forecast.next(100);
    expect(short.basis).toBe('phase');
    expect(long.mean / 3000).toBeCloseTo(1, 1);
    expect(long.high - long.low).toBeLessThan((short.high - short.low) / 5);
  });

  it('foresees the next switch of an on-off profile (Fig. 6a)', () => {
    const forecast = new PhaseForecast(noisySeries([...onOff(4000, 2000, 30, 6), [4000, 12]], 0.05, 2));
    const expected = forecast.next(36);
    expect(expected.basis).toBe('on-off');
    expect(expected.switchInSeconds).toBeCloseTo(18, -0.5);
    expect(expected.mean / 3000).toBeCloseTo(1, 1);
    expect(forecast.next(10).mean / 4000).toBeCloseTo(1, 1);
  });

  it('learns an on-off workload while it watches', () => {
    const forecast = new PhaseForecast();
    for (const sample of noisySeries([...onOff(4000, 2000, 30, 6), [4000, 12]], 0.05, 3)) forecast.add(sample, 1);
    expect(forecast.next(60)).toMatchObject({ basis: 'on-off' });
    expect(forecast.next(60).mean / 3000).toBeCloseTo(1, 1);
  });

  it('drops the pattern when the switch does not come', () => {
    const forecast = new PhaseForecast(noisySeries([...onOff(4000, 2000, 30, 6), [4000, 80]], 0.05, 4));
    expect(forecast.next(10).basis).toBe('phase');
  });

  it('trusts a phase for as long again as it has lasted, and then what was before', () => {
    const forecast = new PhaseForecast(
      noisySeries(
        [
          [1000, 300],
          [4000, 10],
        ],
        0.05,
        5,
      ),
    );
    expect(forecast.next(2).mean / 4000).toBeCloseTo(1, 0);
    const far = forecast.next(1000);
    expect(far.mean).toBeLessThan(1500);
    expect(far.high).toBeGreaterThan(1500);
  });

  it('says where a phase began and what it changed from and to', () => {
    const forecast = new PhaseForecast(noisySeries([[1000, 40]], 0.05, 6));
    const changes = noisySeries([[3000, 10]], 0.05, 7).flatMap((sample) => forecast.add(sample, 1) ?? []);
    expect(changes).toHaveLength(1);
    expect(changes[0]!.before / 1000).toBeCloseTo(1, 1);
    expect(changes[0]!.after / 3000).toBeCloseTo(1, 1);
  });

  it('sees a twofold change in one long observation, and none in one that is a little off', () => {
    const watching = () => new PhaseForecast(Array.from({ length: 20 }, () => 1000));
    expect(watching().add(2000, 60)).not.toBeNull();
    expect(watching().add(1150, 60)).toBeNull();
  });

  it.each([
    ['steady', (seed: number) => noisySeries([[3000, 400]], 0.12, seed), 0.85],
    ['on-off', (seed: number) => noisySeries(onOff(4000, 2000, 30, 14), 0.12, seed), 0.85],
  ] as const)('holds the next 20 s of a %s series in its interval nine times of ten', (_, seriesOf, least) => {
    const inside = seeds.map((seed) => {
      const series = seriesOf(seed);
      const forecast = new PhaseForecast(series.slice(0, 300 + (seed % 60)));
      const { low, high } = forecast.next(20);
      const truth = mean(series.slice(300 + (seed % 60), 320 + (seed % 60)));
      return truth >= low && truth <= high ? 1 : 0;
    });
    expect(mean(inside)).toBeGreaterThanOrEqual(least);
  });

  it.each([
    [12, 0.7],
    [20, 0.75],
    [60, 0.9],
  ])(
    'recognises an on-off workload with a period of %d s in most cases, while it watches and in a profile',
    (period, least) => {
      const recognised = (from: (samples: readonly number[]) => PhaseForecast) =>
        mean(
          seeds.map((seed) => {
            const levels = onOff(4000, 2000, period / 2, 20);
            const first: readonly [number, number] = [2000, 1 + (seed % (period / 2))];
            return from(noisySeries([first, ...levels], 0.12, seed)).next(20).basis === 'on-off' ? 1 : 0;
          }),
        );
      expect(recognised((samples) => new PhaseForecast(samples))).toBeGreaterThanOrEqual(least);
      const watching = (samples: readonly number[]) => {
        const forecast = new PhaseForecast();
        for (const sample of samples) forecast.add(sample, 1);
        return forecast;
      };
      expect(recognised(watching)).toBeGreaterThanOrEqual(least);
    },
  );

  it('holds the next 20 s in its interval also where the lengths of on and off vary by a third', () => {
    const inside = seeds.map((seed) => {
      const random = seededRandom(seed);
      const levels = onOff(4000, 2000, 30, 20).map(
        ([level, length]) => [level, Math.max(1, Math.round(length * Math.exp(0.3 * normal(random))))] as const,
      );
      const series = noisySeries(levels, 0.12, seed);
      const at = 240 + ((7 * seed) % 100);
      const { low, high } = new PhaseForecast(series.slice(0, at)).next(20);
      const truth = mean(series.slice(at, at + 20));
      return truth >= low && truth <= high ? 1 : 0;
    });
    expect(mean(inside)).toBeGreaterThanOrEqual(0.83);
  });

  it('refuses a window of no length', () => {
    expect(() => new PhaseForecast([1, 2]).next(0)).toThrow(VmbuddiesError);
  });
});

describe('WindowForecast', () => {
  it('expects what the last full window showed (Fig. 6b)', () => {
    const forecast = new WindowForecast(10);
    for (const sample of [...Array(10).fill(1000), ...Array(10).fill(3000), 9000]) forecast.add(sample, 1);
    expect(forecast.next(10)).toMatchObject({ mean: 3000, basis: 'window' });
  });

  it('is the less sure the more the windows differ', () => {
    const width = (step: number) => {
      const forecast = new WindowForecast(5);
      for (let i = 0; i < 50; i++) forecast.add(i % 10 < 5 ? 1000 : 1000 * step, 1);
      const { low, high } = forecast.next(5);
      return high / low;
    };
    expect(width(3)).toBeGreaterThan(2 * width(1.2));
  });

  it('knows nothing before the first observation and refuses a window of no length', () => {
    expect(new WindowForecast(5).next(5).mean).toBe(0);
    expect(() => new WindowForecast(0)).toThrow(VmbuddiesError);
  });
});
