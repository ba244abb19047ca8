import { describe, expect, it } from 'vitest';
import { allocateEqual } from '../../../src/allocate/equal.ts';
import { allocateFinalCopy } from '../../../src/allocate/final-copy.ts';

const argument = expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' });

describe('allocateEqual', () => {
  it('gives everyone the same', () => {
    expect(allocateEqual(4, 1000)).toEqual([250, 250, 250, 250]);
    expect(allocateEqual(0, 1000)).toEqual([]);
  });

  it.each([
    [-1, 1000],
    [1.5, 1000],
    [3, 0],
    [3, Number.NaN],
  ])('refuses %d domains on a link of %d', (count, link) => {
    expect(() => allocateEqual(count, link)).toThrow(argument);
  });
});

describe('allocateFinalCopy', () => {
  it('gives in proportion to what is left, so that all end together', () => {
    expect(allocateFinalCopy([8192, 24576], 1000)).toEqual([250, 750]);
  });

  it('counts less than a page as a page, so that nobody gets rate 0', () => {
    expect(allocateFinalCopy([0, 100, 3 * 4096], 1000)).toEqual([200, 200, 600]);
    expect(allocateFinalCopy([0, 0], 1000)).toEqual([500, 500]);
    expect(allocateFinalCopy([], 1000)).toEqual([]);
  });

  it('refuses what is no amount of bytes, naming which', () => {
    expect(() => allocateFinalCopy([1, -1], 1000)).toThrow(/^remainingBytes\[1\] /);
    expect(() => allocateFinalCopy([Number.NaN], 1000)).toThrow(argument);
    expect(() => allocateFinalCopy([1], 0)).toThrow(argument);
  });
});
