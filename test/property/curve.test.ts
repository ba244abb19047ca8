import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmbuddiesError } from '../../src/errors.ts';
import { fitGrowthCurve, type GrowthPoint } from '../../src/measure/curve.ts';
import { logUniform } from './loads.ts';

/** The curve's value at several times, each value off by its own share. */
function sample(curve: (seconds: number) => number, times: readonly number[], noise: readonly number[] = []) {
  return times.map((seconds, index) => ({ seconds, dirtyPages: curve(seconds) * (1 + (noise[index] ?? 0)) }));
}

function growth(w: number, d: number, c: number): (seconds: number) => number {
  return (seconds) => -w * Math.expm1((-d * seconds) / w) + c * seconds;
}

const doubling = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4];
const noise = fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 7, maxLength: 7 });

describe('fitGrowthCurve', () => {
  it('finds a hot set', () => {
    const fit = fitGrowthCurve(sample(growth(1000, 3000, 0), [0.1, 0.5, 2]));
    expect(fit.wwsPages).toBeCloseTo(1000, 3);
    expect(fit.dirtyPagesPerSecond).toBeCloseTo(3000, 2);
    expect(fit.coldPagesPerSecond).toBe(0);
    expect(fit.relativeError).toBeLessThan(1e-6);
  });

  it('finds the pages written once beside a hot set', () => {
    const fit = fitGrowthCurve(sample(growth(1000, 8000, 300), doubling));
    expect(fit.wwsPages).toBeCloseTo(1000, 2);
    expect(fit.dirtyPagesPerSecond).toBeCloseTo(8000, 1);
    expect(fit.coldPagesPerSecond).toBeCloseTo(300, 2);
  });

  it('takes a straight line for a hot set of unseen end', () => {
    for (const times of [[1, 2, 3], doubling]) {
      const fit = fitGrowthCurve(sample((seconds) => 500 * seconds, times));
      expect(fit.dirtyPagesPerSecond / 500).toBeCloseTo(1, 2);
      expect(fit.coldPagesPerSecond).toBe(0);
      expect(fit.wwsPages).toBeGreaterThan(100 * 500 * times.at(-1)!);
      expect(fit.relativeError).toBeLessThan(1e-3);
    }
  });

  it('takes a flat curve for a hot set that was full before the first point', () => {
    for (const times of [[1, 2, 3], doubling]) {
      const fit = fitGrowthCurve(sample(() => 500, times));
      expect(fit.wwsPages).toBeCloseTo(500, 0);
      expect(fit.dirtyPagesPerSecond * times[0]!).toBeGreaterThan(2 * 500);
      expect(fit.coldPagesPerSecond).toBe(0);
      expect(fit.relativeError).toBeLessThan(1e-3);
    }
  });

  it('takes a single point for a straight line', () => {
    const fit = fitGrowthCurve([{ seconds: 2, dirtyPages: 500 }]);
    expect(fit.dirtyPagesPerSecond).toBeCloseTo(250, 0);
    expect(fit.wwsPages).toBeGreaterThan(100 * 500);
    expect(fit.relativeError).toBeLessThan(1e-9);
  });

  it('finds nothing where nothing was written', () => {
    expect(fitGrowthCurve(sample(() => 0, doubling))).toEqual({
      wwsPages: 0,
      dirtyPagesPerSecond: 0,
      coldPagesPerSecond: 0,
      relativeError: 0,
    });
  });

  it.each<[GrowthPoint[]]>([
    [[]],
    [[{ seconds: 0, dirtyPages: 1 }]],
    [[{ seconds: Number.NaN, dirtyPages: 1 }]],
    [[{ seconds: 1, dirtyPages: -1 }]],
    [[{ seconds: 1, dirtyPages: Number.POSITIVE_INFINITY }]],
  ])('refuses %j', (points) => {
    expect(() => fitGrowthCurve(points)).toThrow(VmbuddiesError);
    expect(() => fitGrowthCurve(points)).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
  });

  it('finds any hot set that is seen to fill', () => {
    fc.assert(
      fc.property(logUniform(10, 1e7), logUniform(0.5, 10), (w, k) => {
        const fit = fitGrowthCurve(sample(growth(w, k * w, 0), doubling));
        expect(fit.wwsPages / w).toBeCloseTo(1, 3);
        expect(fit.dirtyPagesPerSecond / (k * w)).toBeCloseTo(1, 3);
      }),
    );
  });

  it('describes the measurements about as well as they are known', () => {
    fc.assert(
      fc.property(logUniform(10, 1e7), logUniform(0.1, 50), logUniform(1e-3, 1), noise, (w, k, cold, off) => {
        const curve = growth(w, k * w, (cold * w) / 4);
        const fit = fitGrowthCurve(sample(curve, doubling, off));
        const fitted = growth(Math.max(fit.wwsPages, 1e-9), fit.dirtyPagesPerSecond, fit.coldPagesPerSecond);
        expect(fit.relativeError).toBeLessThan(0.2);
        expect(Math.abs(fitted(3) / curve(3) - 1)).toBeLessThan(0.3);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives finite numbers of 0 or more whatever was measured', () => {
    const pages = fc.oneof(fc.constant(0), logUniform(1, 1e9));
    fc.assert(
      fc.property(
        fc.array(fc.record({ seconds: logUniform(1e-3, 1e4), dirtyPages: pages }), { minLength: 1 }),
        (points) => {
          for (const value of Object.values(fitGrowthCurve(points))) {
            expect(Number.isFinite(value)).toBe(true);
            expect(value).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('depends neither on the order of the points nor on the units', () => {
    const anyPoints = fc
      .tuple(logUniform(10, 1e7), logUniform(0.5, 10), noise)
      .map(([w, k, off]) => sample(growth(w, k * w, 0), doubling, off));
    fc.assert(
      fc.property(anyPoints, (points) => {
        const fit = fitGrowthCurve(points);
        const { wwsPages, dirtyPagesPerSecond, relativeError } = fitGrowthCurve(
          points.map(({ seconds, dirtyPages }) => ({ seconds: 8 * seconds, dirtyPages: 4 * dirtyPages })).toReversed(),
        );
        expect(relativeError).toBeCloseTo(fit.relativeError, 5);
        expect(wwsPages / 4 / fit.wwsPages).toBeCloseTo(1, 3);
        expect((2 * dirtyPagesPerSecond) / fit.dirtyPagesPerSecond).toBeCloseTo(1, 3);
      }),
    );
  });
});
