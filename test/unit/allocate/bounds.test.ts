import { describe, expect, it } from 'vitest';
import { allocateOptimal } from '../../../src/allocate/optimal.ts';

/** Nothing is dirtied, so that a completion is memory over rate. */
function still(memoryBytes: number) {
  return { memoryBytes, wwsBytes: 0, dirtyBytesPerSecond: 0 };
}

function close(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, rate] of expected.entries()) expect(Math.abs(actual[index]! / rate - 1)).toBeLessThan(1e-8);
}

describe('allocateOptimal with bounds', () => {
  it('gives what a domain at its upper bound cannot use to the others', () => {
    const { bytesPerSecond, completionSeconds } = allocateOptimal(
      [{ ...still(600), mostBytesPerSecond: 20 }, still(100), still(300)],
      100,
    );
    close(bytesPerSecond, [20, 20, 60]);
    expect(completionSeconds).toEqual({ lower: 30, upper: 30 });
  });

  it('takes what a lower bound wants from the others', () => {
    const { bytesPerSecond, completionSeconds } = allocateOptimal(
      [{ ...still(100), leastBytesPerSecond: 60 }, still(100), still(300)],
      100,
    );
    close(bytesPerSecond, [60, 10, 30]);
    expect(completionSeconds.upper).toBeCloseTo(10, 7);
  });

  it('leaves the link unfilled only where all are at their upper bounds', () => {
    const domains = [
      { ...still(100), mostBytesPerSecond: 10 },
      { ...still(100), mostBytesPerSecond: 20 },
    ];
    expect(allocateOptimal(domains, 100)).toEqual({
      bytesPerSecond: [10, 20],
      completionSeconds: { lower: 10, upper: 10 },
    });
  });

  it('gives exactly the lower bounds where they fill the link', () => {
    const domains = [30, 70].map((leastBytesPerSecond) => ({ ...still(100), leastBytesPerSecond }));
    const { bytesPerSecond, completionSeconds } = allocateOptimal(domains, 100);
    expect(bytesPerSecond).toEqual([30, 70]);
    expect(completionSeconds.upper).toBeCloseTo(100 / 30, 7);
  });

  it('does not keep a lower bound for a domain with nothing left to send', () => {
    const { bytesPerSecond } = allocateOptimal(
      [{ ...still(100), remainingBytes: 0, leastBytesPerSecond: 90 }, still(100)],
      100,
    );
    expect(bytesPerSecond).toEqual([0, 100]);
  });

  it.each([
    [{ leastBytesPerSecond: -1 }, /^leastBytesPerSecond /],
    [{ mostBytesPerSecond: 0 }, /^mostBytesPerSecond /],
    [{ leastBytesPerSecond: 2, mostBytesPerSecond: 1 }, /^mostBytesPerSecond /],
    [{ leastBytesPerSecond: 101 }, /^leastBytesPerSecond adds up to 101 on a link of 100, /],
    [{ leastBytesPerSecond: 100 }, /leaves nothing for the other domains/],
  ])('refuses %j beside a domain without bounds on a link of 100', (bounds, message) => {
    const call = () => allocateOptimal([{ ...still(100), ...bounds }, still(100)], 100);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(message);
  });
});
