import { describe, expect, it } from 'vitest';
import { DirtyProfile } from '../../../src/measure/profile.ts';

const pageBytes = 4096;
/** W(t) of a guest that writes at random over `pages`. */
const curve = (pages: number, pagesPerSecond: number) => (seconds: number) =>
  pages * -Math.expm1((-pagesPerSecond * seconds) / pages);

describe('DirtyProfile', () => {
  it('knows of no dirt before anything was measured', () => {
    expect(new DirtyProfile().estimate(2 ** 30, 10)).toEqual({ wwsBytes: 0, dirtyBytesPerSecond: 0 });
    expect(new DirtyProfile().dirtyAfter(10)).toBe(0);
  });

  it('gives back the curve it was measured on', () => {
    const dirty = curve(10_000, 4_000);
    const points = [0.25, 0.5, 1, 2, 4, 8].map((seconds) => ({ seconds, dirtyPages: dirty(seconds) }));
    const profile = new DirtyProfile(points);
    for (const seconds of [0.1, 1, 3, 20]) {
      expect(profile.dirtyAfter(seconds) / (dirty(seconds) * pageBytes)).toBeCloseTo(1, 2);
    }
    const { wwsBytes, dirtyBytesPerSecond } = profile.estimate(2 ** 30, 8);
    expect(wwsBytes / (dirty(8) * pageBytes)).toBeCloseTo(1, 2);
    const early = wwsBytes * -Math.expm1(-dirtyBytesPerSecond / wwsBytes);
    expect(early / (dirty(1) * pageBytes)).toBeCloseTo(1, 2);
  });

  it('runs through its curve the faster, the harder the domain works', () => {
    const profile = new DirtyProfile([1, 2, 4].map((seconds) => ({ seconds, dirtyPages: curve(9_000, 900)(seconds) })));
    expect(profile.estimate(2 ** 30, 4, 2).wwsBytes).toBe(profile.estimate(2 ** 30, 8).wwsBytes);
  });

  it('knows after which times somebody has looked', () => {
    const profile = new DirtyProfile([1, 2, 4].map((seconds) => ({ seconds, dirtyPages: 100 })));
    profile.addRound({ seconds: 60, dirtyPages: 8_000 });
    for (const seconds of [0.5, 3, 8, 30, 120]) expect(profile.isKnownAfter(seconds)).toBe(true);
    for (const seconds of [0.4, 9, 29, 121]) expect(profile.isKnownAfter(seconds)).toBe(false);
  });

  it('never estimates more than the memory', () => {
    const profile = new DirtyProfile([{ seconds: 1, dirtyPages: 10_000 }]);
    expect(profile.estimate(5000 * pageBytes, 1000).wwsBytes).toBe(5000 * pageBytes);
  });

  it('follows the rounds: after eight of them the first measurement no longer rules', () => {
    const profile = new DirtyProfile([{ seconds: 1, dirtyPages: 100 }]);
    for (let round = 1; round <= 8; round++) profile.addRound({ seconds: round / 4, dirtyPages: 1000 * round });
    expect(profile.dirtyAfter(1) / pageBytes).toBeGreaterThan(3000);
  });

  it('takes no notice of a round that took no time', () => {
    const profile = new DirtyProfile();
    profile.addRound({ seconds: 0, dirtyPages: 5 });
    expect(profile.dirtyAfter(1)).toBe(0);
  });
});
