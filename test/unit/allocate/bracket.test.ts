import { describe, expect, it } from 'vitest';
import { Bracket } from '../../../src/allocate/bracket.ts';

describe('Bracket', () => {
  it('has its middle between orders of magnitude', () => {
    expect(new Bracket().reset(1, 1e10).middle).toBeCloseTo(1e5, 6);
    expect(new Bracket().reset(1e-300, 1e300).middle).toBeCloseTo(1, 12);
  });

  it('looks where the proposal says if that is inside', () => {
    expect(new Bracket().reset(1, 100).next(50, 7)).toBe(7);
  });

  it.each([0.5, 1, 100, 1000, Number.NaN])('looks in the middle rather than at %d', (proposal) => {
    expect(new Bracket().reset(1, 100).next(50, proposal)).toBe(10);
  });

  it('looks in the middle when proposals go to and fro without coming nearer', () => {
    const bracket = new Bracket().reset(1, 100);
    expect(bracket.next(20, 40)).toBe(40);
    expect(bracket.next(40, 20)).toBe(20);
    expect(bracket.next(20, 40)).toBe(10);
  });
});
