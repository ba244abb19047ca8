import { describe, expect, it } from 'vitest';
import { noisyLevel, workloadLevel } from '../../../src/simulate/workload-level.ts';
import { still } from './scenarios.ts';

const level = (kind: 'idle' | 'steady' | 'on-off' | 'waves', phase = 0) =>
  workloadLevel({ ...still, kind, lowLevel: 0.2, periodMs: 10_000, phase });

describe('workloadLevel', () => {
  it.each([
    ['idle', 0, 7, 0],
    ['steady', 0, 7, 7],
    ['on-off', 0, 5, 5], // the high half
    ['on-off', 0, 10, 6],
    ['on-off', 0, 25, 17],
    ['on-off', 0.5, 5, 1], // the low half comes first
    ['waves', 0, 5, 3], // from 0.2 to 1
    ['waves', 0, 10, 6],
    ['waves', 0.25, 2.5, 2], // from 0.6 to 1
    ['waves', 0.5, 5, 3], // from 1 to 0.2
  ] as const)('of %s from phase %d on is %d s long worth %d', (kind, phase, seconds, worth) => {
    expect(level(kind, phase).integral(seconds)).toBeCloseTo(worth, 12);
  });
});

describe('noisyLevel', () => {
  const noisy = (seed: number) => noisyLevel(level('steady'), 0.5, seed);

  it('leaves the level as it is without noise', () => {
    const plain = level('waves');
    expect(noisyLevel(plain, 0, 1)).toBe(plain);
  });

  it('has the same mean', () => {
    expect(noisy(1).integral(20_000) / 20_000).toBeCloseTo(1, 1);
  });

  it('is the same for the same seed, in whatever order it is asked', () => {
    const [forward, backward] = [noisy(7), noisy(7)];
    const times = [0, 0.5, 1, 10.25, 99];
    const ahead = times.map((time) => forward.integral(time));
    const back = times.toReversed().map((time) => backward.integral(time));
    expect(ahead).toEqual(back.toReversed());
    expect(noisy(8).integral(99)).not.toBe(ahead.at(-1));
  });

  it('never falls, nor jumps', () => {
    const subject = noisy(3);
    for (let time = 0; time < 20; time += 0.125) {
      const step = subject.integral(time + 0.125) - subject.integral(time);
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThan(1);
    }
  });
});
