import { describe, expect, it } from 'vitest';
import { GuestMemory } from '../../../src/simulate/guest-memory.ts';
import { workloadLevel } from '../../../src/simulate/workload-level.ts';
import { MiB, still } from './scenarios.ts';

const workload = {
  ...still,
  kind: 'steady' as const,
  usedBytes: 32 * MiB,
  wwsBytes: 5000 * 4096,
  hotBytes: 1000 * 4096,
  hotWritesPerSecond: 500,
  coldWritesPerSecond: 400,
};

function memory(zeroBytes = 0) {
  return new GuestMemory({
    memoryBytes: 64 * MiB,
    workload,
    level: workloadLevel(workload),
    zeroBytes,
    workedSeconds: 0,
  });
}

const dirtyAfter = (seconds: number) => 1000 * -Math.expm1(-0.5 * seconds) + 4000 * -Math.expm1(-0.1 * seconds);

describe('GuestMemory', () => {
  it('is dirty by 1 - e^(-n/W) of each region after n writes', () => {
    const subject = memory();
    expect(subject.dirtyPages(3)).toBeCloseTo(dirtyAfter(3), 9);
    expect(subject.clean(3)).toEqual([1000 * -Math.expm1(-1.5), 4000 * -Math.expm1(-0.3), 0, 0]);
    expect(subject.dirtyPages(3)).toBe(0);
    expect(subject.dirtyPages(4)).toBeCloseTo(dirtyAfter(1), 9);
  });

  it('stays as it is while the guest stands still', () => {
    const subject = memory();
    subject.suspend(2);
    subject.suspend(3);
    expect(subject.dirtyPages(10)).toBeCloseTo(dirtyAfter(2), 9);
    subject.resume(10);
    subject.resume(11);
    expect(subject.dirtyPages(11)).toBeCloseTo(dirtyAfter(3), 9);
  });

  it('knows when so much will be dirty', () => {
    const subject = memory();
    expect(subject.secondsUntilDirty(2000, 7)).toBe(0);
    subject.clean(7);
    const seconds = subject.secondsUntilDirty(2000, 7);
    expect(dirtyAfter(seconds)).toBeGreaterThan(2000);
    expect(dirtyAfter(seconds - 0.001)).toBeLessThan(2000);
    expect(subject.secondsUntilDirty(5000, 7)).toBe(Number.POSITIVE_INFINITY);
  });

  it('has the free memory behind the used, what was never touched last, and gives both back', () => {
    const subject = memory(16 * MiB);
    const pages = () => subject.regions.map((region) => region.pages);
    expect(pages()).toEqual([1000, 4000, 16384 - 5000 - 4096, 4096]);
    subject.presentPages = 10_000;
    expect(pages()).toEqual([1000, 4000, 8192 - 5000, 1808]);
    expect(subject.usedPages).toBe(8192);
  });
});
