import { describe, expect, it } from 'vitest';
import { growthUncertainty } from '../../../src/measure/curve-error.ts';
import { normal, seededRandom } from '../../../src/random.ts';

const times = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];

function points(w: number, d: number, c: number, noise: () => number = () => 0) {
  return times.map((seconds) => ({
    seconds,
    dirtyPages: (-w * Math.expm1((-d * seconds) / w) + c * seconds) * (1 + noise()),
  }));
}

describe('growthUncertainty', () => {
  it('finds nothing uncertain in an exact curve', () => {
    const { wws, dirty, cold } = growthUncertainty(points(1000, 4000, 0), 1e6);
    expect(wws).toBeLessThan(1e-6);
    expect(dirty).toBeLessThan(1e-6);
    expect(cold).toBe(0);
  });

  it('is of the size of the errors that the fit then makes', () => {
    const random = seededRandom(7);
    const runs = Array.from({ length: 200 }, () => {
      const measured = points(1000, 4000, 0, () => 0.05 * normal(random));
      return growthUncertainty(measured, 1e6);
    });
    const typical = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length / 2]!;
    expect(typical(runs.map(({ wws }) => wws))).toBeGreaterThan(0.02);
    expect(typical(runs.map(({ wws }) => wws))).toBeLessThan(0.1);
    expect(typical(runs.map(({ dirty }) => dirty))).toBeGreaterThan(0.02);
    expect(typical(runs.map(({ dirty }) => dirty))).toBeLessThan(0.1);
  });

  it('knows a working set that cannot end before the memory does, and none that might', () => {
    const line = points(1e9, 500, 0);
    expect(growthUncertainty(line, 2000).wws).toBe(0);
    expect(growthUncertainty(line, 2000).dirty).toBeLessThan(0.01);
    const hidden = times
      .slice(0, 4)
      .map((seconds, index) => ({ seconds, dirtyPages: 500 * seconds * [1, 1.1, 0.95, 0.9][index]! }));
    expect(growthUncertainty(hidden, 1e6).wws).toBeGreaterThan(0.5);
  });

  it('tells the cold rate with the hot set', () => {
    const { cold } = growthUncertainty(points(1000, 16_000, 300), 1e6);
    expect(cold).toBeLessThan(1e-3);
  });

  it.each([
    ['points.length', () => growthUncertainty(points(10, 10, 0).slice(0, 2), 100)],
    ['memoryPages', () => growthUncertainty(points(10, 10, 0), 0)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
