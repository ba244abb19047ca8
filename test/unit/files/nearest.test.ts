import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../../src/files/nearest.ts';

describe('nearest', () => {
  const known = ['memory', 'used', 'dirtyRate', 'wws'];

  it.each([
    ['memry', 'memory'],
    ['memroy', 'memory'],
    ['MEMORY', 'memory'],
    ['uesd', 'used'],
    ['dirtRate', 'dirtyRate'],
    ['ww', 'wws'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it('does not guess wildly', () => {
    expect(nearest('bandwidth', known)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    expect(suggestion('bandwidth', known)).toBe('; there are memory, used, dirtyRate, wws');
  });
});
