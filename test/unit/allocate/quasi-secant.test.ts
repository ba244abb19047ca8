import { describe, expect, it } from 'vitest';
import { allocateByMemory } from '../../../src/allocate/proportional.ts';
import { allocateQuasiSecant } from '../../../src/allocate/quasi-secant.ts';
import { paperCost } from '../../../src/model/paper.ts';

const mib = 2 ** 20;
const link = 50 * mib;
const tiers = [
  { memoryBytes: 1024 * mib, dirtyBytesPerSecond: 2 * mib, wwsBytes: 166 * mib },
  { memoryBytes: 1024 * mib, dirtyBytesPerSecond: 4 * mib, wwsBytes: 212 * mib },
  { memoryBytes: 1024 * mib, dirtyBytesPerSecond: 8 * mib, wwsBytes: 818 * mib },
];
/** So small a threshold leaves the series whole: without jumps Newton's method has what it needs. */
const smooth = { thresholdBytes: 1e-9 };

describe('allocateQuasiSecant', () => {
  it('fills the link and lets all domains complete at one time', () => {
    const result = allocateQuasiSecant(tiers, link, { ...smooth, firstStepSeconds: 1 });
    const rates = result.bytesPerSecond!;
    expect(Math.abs(rates.reduce((sum, rate) => sum + rate, 0) / link - 1)).toBeLessThan(1e-6);
    for (const [index, rate] of rates.entries()) {
      const { completionSeconds } = paperCost(tiers[index]!, rate, smooth);
      expect(Math.abs(completionSeconds / result.completionSeconds - 1)).toBeLessThan(1e-9);
    }
  });

  it('does not arrive from a first step far too long', () => {
    expect(allocateQuasiSecant(tiers, link, { ...smooth, firstStepSeconds: 1e5 }).bytesPerSecond).toBeNull();
  });

  it('gives up after so many steps', () => {
    const { bytesPerSecond, steps } = allocateQuasiSecant(tiers, link, {
      ...smooth,
      firstStepSeconds: 1,
      mostSteps: 2,
    });
    expect({ bytesPerSecond, steps }).toEqual({ bytesPerSecond: null, steps: 2 });
  });
});

describe('allocateByMemory', () => {
  it('divides the link in proportion to the memory', () => {
    expect(allocateByMemory([1, 3], 8)).toEqual([2, 6]);
  });
});
