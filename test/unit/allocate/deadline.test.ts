import { describe, expect, it } from 'vitest';
import { allocateForDeadline } from '../../../src/allocate/deadline.ts';

function still(memoryBytes: number) {
  return { memoryBytes, wwsBytes: 0, dirtyBytesPerSecond: 0 };
}

describe('allocateForDeadline', () => {
  it('asks for each domain no more than it needs', () => {
    const { bytesPerSecond, totalBytesPerSecond, late, fits } = allocateForDeadline([still(100), still(300)], 100, 10);
    expect(bytesPerSecond[0]).toBeCloseTo(10, 9);
    expect(bytesPerSecond[1]).toBeCloseTo(30, 9);
    expect(totalBytesPerSecond.upper).toBe(bytesPerSecond[0]! + bytesPerSecond[1]!);
    expect(totalBytesPerSecond.lower).toBeLessThanOrEqual(40);
    expect(totalBytesPerSecond.upper - totalBytesPerSecond.lower).toBeLessThan(1e-10);
    expect({ late, fits }).toEqual({ late: [], fits: true });
  });

  it('says what it would take where the link does not carry it', () => {
    const { totalBytesPerSecond, late, fits } = allocateForDeadline([still(100), still(300)], 39, 10);
    expect(totalBytesPerSecond.lower).toBeGreaterThan(39);
    expect({ late, fits }).toEqual({ late: [], fits: false });
  });

  it('names those that are late whatever the link carries', () => {
    const domains = [still(100), { ...still(300), mostBytesPerSecond: 29 }];
    expect(allocateForDeadline(domains, Number.MAX_VALUE, 10)).toMatchObject({ late: [1], fits: false });
    expect(allocateForDeadline(domains, 100, 10).bytesPerSecond[1]).toBe(29);
  });

  it('keeps lower bounds, but none for a domain with nothing left to send', () => {
    const bound = { leastBytesPerSecond: 50 };
    const domains = [
      { ...still(100), ...bound },
      { ...still(100), ...bound, remainingBytes: 0 },
    ];
    expect(allocateForDeadline(domains, 100, 10).bytesPerSecond).toEqual([50, 0]);
  });

  it.each([
    ['linkBytesPerSecond', () => allocateForDeadline([still(1)], 0, 1)],
    ['deadlineSeconds', () => allocateForDeadline([still(1)], 1, 0)],
    ['memoryBytes', () => allocateForDeadline([still(0)], 1, 1)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
