import { describe, expect, it } from 'vitest';
import { allocateForDowntime } from '../../../src/allocate/downtime.ts';
import { allocateOptimal } from '../../../src/allocate/optimal.ts';

const mib = 2 ** 20;

function load(memoryMib: number, wwsMib: number, dirtyMibPerSecond: number) {
  return { memoryBytes: memoryMib * mib, wwsBytes: wwsMib * mib, dirtyBytesPerSecond: dirtyMibPerSecond * mib };
}

describe('allocateForDowntime', () => {
  it('copies no further than the budget asks for', () => {
    const tiers = [load(1024, 200, 2), load(1024, 200, 4)];
    const second = allocateForDowntime(tiers, 50 * mib, 1000);
    const tenth = allocateForDowntime(tiers, 50 * mib, 100);
    if (!second.fits || !tenth.fits) throw new Error('both budgets can be kept');
    expect(second.downtimeMs).toBeLessThanOrEqual(1000);
    expect(tenth.downtimeMs).toBeLessThanOrEqual(100);
    expect(second.completionSeconds.upper).toBeLessThan(tenth.completionSeconds.lower);
  });

  it('gives a domain that dirties fast what its pause needs, and the others the rest', () => {
    const fast = load(1024, 512, 20);
    const big = load(16_384, 16, 1);
    const free = allocateOptimal([fast, big], 40 * mib).bytesPerSecond[0]!;
    expect(free).toBeLessThan(20 * mib);
    const found = allocateForDowntime([fast, big], 40 * mib, 500);
    if (!found.fits) throw new Error('the budget can be kept');
    // Above its dirty rate the rounds shrink, but only thirty of them are allowed.
    expect(found.bytesPerSecond[0]).toBeGreaterThan(20 * mib);
    expect(found.downtimeMs).toBeLessThanOrEqual(500);
    expect(found.completionSeconds.lower).toBeGreaterThan(
      allocateOptimal([fast, big], 40 * mib, { thresholdSeconds: 0.5 }).completionSeconds.upper,
    );
  });

  it('says what budget could be kept where this one cannot', () => {
    // All of W is dirty again after every round, so its pause is W / B.
    const hot = load(1024, 100, 1e6);
    const found = allocateForDowntime([hot], 50 * mib, 300);
    if (found.fits) throw new Error('the budget cannot be kept');
    expect(Math.abs(found.leastDowntimeMs / 2000 - 1)).toBeLessThan(2e-6);
    expect(allocateForDowntime([hot], 50 * mib, found.leastDowntimeMs).fits).toBe(true);
  });

  it('keeps any budget where nothing is dirtied', () => {
    const still = [load(100, 0, 0), load(300, 10, 0)];
    const found = allocateForDowntime(still, mib, 1e-3);
    expect(found).toMatchObject({ fits: true, downtimeMs: 0 });
    expect(found).toMatchObject(allocateOptimal(still, mib));
  });

  it('has no pause to limit with nothing left to send', () => {
    const done = { ...load(100, 100, 100), remainingBytes: 0 };
    expect(allocateForDowntime([done], mib, 1)).toEqual({
      fits: true,
      bytesPerSecond: [0],
      completionSeconds: { lower: 0, upper: 0 },
      downtimeMs: 0,
    });
    expect(allocateForDowntime([], mib, 1)).toMatchObject({ fits: true, downtimeMs: 0 });
  });

  it('keeps the domains within their own bounds', () => {
    const slow = { ...load(1024, 100, 10), mostBytesPerSecond: 5 * mib };
    const found = allocateForDowntime([slow], 100 * mib, 300);
    if (found.fits) throw new Error('the budget cannot be kept');
    expect(found.leastDowntimeMs).toBeGreaterThan(1000);
  });

  it.each([
    ['maxDowntimeMs', () => allocateForDowntime([load(1, 1, 1)], 1, 0)],
    ['linkBytesPerSecond', () => allocateForDowntime([load(1, 1, 1)], 0, 1)],
    ['wwsBytes', () => allocateForDowntime([load(1, 2, 1)], 1, 1)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
