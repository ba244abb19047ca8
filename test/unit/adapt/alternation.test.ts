import { describe, expect, it } from 'vitest';
import { findAlternation } from '../../../src/adapt/alternation.ts';

const phases = (...of: (readonly [mean: number, seconds: number])[]) =>
  of.map(([mean, seconds]) => ({ mean, seconds }));

describe('findAlternation', () => {
  it('recognises an on-off workload and how long each level lasts, leaving out what was cut', () => {
    const found = findAlternation(phases([40, 7], [20, 30], [40, 32], [20, 28], [40, 28], [20, 3]));
    expect(found!.present).toEqual({ mean: 20, seconds: 29, spreadSeconds: 1, times: 2 });
    expect(found!.other.mean).toBeCloseTo(40, 9);
    expect(found!.other).toMatchObject({ seconds: 30, spreadSeconds: 2 });
  });

  it('takes neighbours at one level as one turn', () => {
    const found = findAlternation(phases([40, 7], [20, 30], [41, 10], [39, 20], [20, 30], [40, 5]));
    expect(found!.present).toMatchObject({ seconds: 30, spreadSeconds: 0 });
  });

  it.each([
    ['too few turns', phases([40, 30], [20, 30], [40, 30], [20, 30])],
    ['nothing at all', []],
    ['one level', phases([40, 30])],
    ['turns of all lengths', phases([40, 30], [20, 5], [40, 30], [20, 60], [40, 30], [20, 30])],
    ['more than two levels', phases([40, 30], [20, 30], [80, 30], [20, 30], [40, 30], [20, 30])],
    ['levels that are hardly apart', phases([22, 30], [20, 30], [22, 30], [20, 30], [22, 30], [20, 30])],
  ])('sees none in %s', (_, given) => {
    expect(findAlternation(given)).toBeNull();
  });

  it('recognises a workload that rests in between', () => {
    expect(findAlternation(phases([40, 30], [0, 30], [40, 30], [0, 30], [40, 30], [0, 30]))).not.toBeNull();
  });
});
