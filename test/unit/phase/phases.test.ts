import { describe, expect, it } from 'vitest';
import { ChangeDetector } from '../../../src/phase/change-detector.ts';
import { mergeIntoPhases } from '../../../src/phase/merge.ts';
import { noisySeries as series } from './series.ts';

describe('ChangeDetector', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1);

  it('sees a twofold step within 3 samples, up and down', () => {
    for (const [first, second] of [
      [2000, 4000],
      [4000, 2000],
    ] as const) {
      const late = seeds.filter((seed) => {
        const detector = new ChangeDetector();
        const alarms = series(
          [
            [first, 60],
            [second, 60],
          ],
          0.12,
          seed,
        ).flatMap((sample, at) => (detector.add(sample) ? [at] : []));
        return !alarms.some((at) => at >= 60 && at < 63);
      });
      expect(late.length / seeds.length, `seeds ${late.join()}`).toBeLessThanOrEqual(0.02);
    }
  });

  it.each([
    ['noise (Fig. 10)', 0, 0],
    ['noise that lingers', 0.3, 0],
    ['noise that lingers long', 0.6, 0],
    ['noise with a pulse of one sample in 45', 0, 45],
  ])('gives no more than one false alarm in 15 minutes of %s', (_, linger, pulseEvery) => {
    const alarms = seeds.map((seed) => {
      const detector = new ChangeDetector();
      const samples = series([[3000, 900]], 0.12, seed, linger);
      const withPulses = samples.map((sample, at) => (pulseEvery > 0 && at % pulseEvery === 20 ? 3 * sample : sample));
      return withPulses.filter((sample) => detector.add(sample)).length;
    });
    expect(alarms.reduce((sum, count) => sum + count, 0) / seeds.length).toBeLessThanOrEqual(1);
  });

  it('follows a level that drifts by less than a factor of 1.3 without calling it a phase', () => {
    const detector = new ChangeDetector();
    const samples = series(
      [
        [1000, 60],
        [1200, 60],
      ],
      0.05,
      4,
    );
    expect(samples.some((sample) => detector.add(sample))).toBe(false);
    expect(detector.level / 1200).toBeCloseTo(1, 1);
  });

  it('knows after a while how much of the noise lingers', () => {
    const lingerOf = (linger: number) => {
      const detector = new ChangeDetector();
      for (const sample of series([[3000, 600]], 0.12, 11, linger)) detector.add(sample);
      return detector.linger;
    };
    expect(lingerOf(0)).toBeLessThan(0.25);
    expect(lingerOf(0.6)).toBeGreaterThan(0.3);
  });

  it('says where the new phase began and what both levels are', () => {
    const detector = new ChangeDetector();
    const changes = series(
      [
        [1000, 30],
        [3000, 30],
      ],
      0.05,
      7,
    ).flatMap((sample) => detector.add(sample) ?? []);
    expect(changes).toHaveLength(1);
    expect(changes[0]!.at).toBe(30);
    expect(changes[0]!.before / 1000).toBeCloseTo(1, 1);
    expect(changes[0]!.after / 3000).toBeCloseTo(1, 1);
    expect(detector.level / 3000).toBeCloseTo(1, 1);
  });

  it('takes one wild sample for what it is', () => {
    const detector = new ChangeDetector();
    const samples = series([[1000, 30]], 0.05, 3);
    samples[20] = 50_000;
    expect(samples.some((sample) => detector.add(sample))).toBe(false);
  });

  it('works at level zero', () => {
    const detector = new ChangeDetector();
    expect(Array.from({ length: 50 }, () => 0).some((sample) => detector.add(sample))).toBe(false);
    expect(detector.level).toBe(1);
  });
});

describe('mergeIntoPhases', () => {
  it('finds the phases of an on-off workload (Fig. 6a)', () => {
    const samples = series(
      [
        [4000, 30],
        [2000, 30],
        [4000, 30],
      ],
      0.05,
      1,
    );
    expect(mergeIntoPhases(samples).map(({ from, to }) => [from, to])).toEqual([
      [0, 30],
      [30, 60],
      [60, 90],
    ]);
  });

  it('keeps a pulse inside its phase', () => {
    const samples = [...series([[1000, 30]], 0.01, 2), 9000, 9000, 9000, ...series([[1000, 30]], 0.01, 3)];
    expect(mergeIntoPhases(samples)).toHaveLength(1);
  });

  it('leaves a steady series whole and an empty one empty', () => {
    expect(mergeIntoPhases([5, 5, 5, 5])).toEqual([{ from: 0, to: 4, mean: 5 }]);
    expect(mergeIntoPhases([])).toEqual([]);
  });
});
