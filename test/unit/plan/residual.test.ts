import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dirtyBytesAfter, meanLevel, writtenParts } from '../../../src/plan/dirtying.ts';
import { loadsOf, presentBytes } from '../../../src/plan/load.ts';
import { residualBytes, residualSeconds } from '../../../src/plan/residual.ts';
import { MiB, steadyDomain } from './applications.ts';

const rates = fc.double({ min: 1e5, max: 1e9, noNaN: true });

describe('dirtyBytesAfter', () => {
  it('is d t at first and W in the end', () => {
    const parts = writtenParts(steadyDomain('db', { d: 2e6, W: 64 * MiB }).workload);
    expect(dirtyBytesAfter(parts, 0)).toBe(0);
    expect(dirtyBytesAfter(parts, 1e-3)).toBeCloseTo(2000, -1);
    expect(dirtyBytesAfter(parts, 1e6)).toBe(64 * MiB);
  });

  it('adds up a hot part and the rest, at the mean of high and low unless told otherwise', () => {
    const { workload } = steadyDomain('db');
    const changing = { ...workload, kind: 'on-off', hotBytes: 4096, hotWritesPerSecond: 1e6, lowLevel: 0.5 } as const;
    expect(meanLevel(changing)).toBe(0.75);
    const cold = (64 * MiB - 4096) * -Math.expm1((-0.75 * 2e6 * 10) / (64 * MiB - 4096));
    const dirty = dirtyBytesAfter(writtenParts(changing), 10);
    expect(dirty).toBeCloseTo(4096 + cold, 3);
    expect(dirtyBytesAfter(writtenParts(changing, 1), 10)).toBeGreaterThan(dirty);
  });

  it('is nothing where nothing is written', () => {
    expect(writtenParts(steadyDomain('db', { d: 0 }).workload)).toEqual([]);
    expect(dirtyBytesAfter([], 10)).toBe(0);
  });
});

describe('loadsOf', () => {
  it('finds the d and W that the writes were made from', () => {
    const [load] = loadsOf([steadyDomain('db', { d: 4e6, W: 200 * MiB })], 20e6);
    expect(load!.memoryBytes).toBe(512 * MiB);
    expect(load!.wwsBytes).toBeGreaterThan(80 * MiB);
    expect(Math.abs(load!.dirtyBytesPerSecond / 4e6 - 1)).toBeLessThan(0.1);
  });

  it('counts only the memory that travels', () => {
    const domain = steadyDomain('db', { usedBytes: 100 * MiB });
    expect(presentBytes(domain)).toBeGreaterThanOrEqual(105 * MiB);
    expect(presentBytes(domain)).toBeLessThan(106 * MiB);
    expect(presentBytes({ ...domain, usedBytes: null })).toBe(512 * MiB);
    expect(presentBytes({ ...domain, usedBytes: 511 * MiB })).toBe(512 * MiB);
  });
});

describe('residualBytes', () => {
  it('is nothing where rounds shrink to nothing', () => {
    expect(residualBytes(steadyDomain('web', { d: 2e6 }), 50e6)).toBe(0);
    expect(residualSeconds(steadyDomain('web', { d: 0 }), 1)).toBe(0);
  });

  it('is W (1 - r / d) with writes all over the working set', () => {
    for (const rate of [5e6, 20e6, 39e6]) {
      const residual = residualBytes(steadyDomain('db', { d: 40e6, W: 300 * MiB }), rate);
      expect(residual / (300 * MiB * (1 - rate / 40e6))).toBeCloseTo(1, 3);
    }
    expect(residualBytes(steadyDomain('db', { d: 40e6, W: 300 * MiB }), 41e6)).toBe(0);
    expect(residualSeconds(steadyDomain('db', { d: 40e6, W: 300 * MiB }), 20e6)).toBeCloseTo((150 * MiB) / 20e6, 2);
  });

  it('is a hot part alone where only that is written faster than it can be sent', () => {
    const domain = steadyDomain('db', { d: 1e6 });
    const workload = { ...domain.workload, hotBytes: 20 * MiB, hotWritesPerSecond: 1e5 };
    const residual = residualBytes({ ...domain, workload }, 50e6);
    expect(residual).toBeGreaterThan(15 * MiB);
    expect(residual).toBeLessThan(21 * MiB);
  });

  it('never grows with the rate, nor with less work', () => {
    const d = fc.double({ min: 0, max: 1e9, noNaN: true });
    const W = fc.integer({ min: 0, max: 512 }).map((mib) => mib * MiB);
    fc.assert(
      fc.property(d, W, rates, fc.double({ min: 0, max: 1, noNaN: true }), (d, W, rate, part) => {
        const domain = steadyDomain('db', W === 0 ? { d: 0, W } : { d, W });
        const residual = residualBytes(domain, rate);
        const most = residual * (1 + 1e-2);
        expect(residualBytes(domain, rate * 1.5)).toBeLessThanOrEqual(most);
        expect(residualBytes(domain, rate, part)).toBeLessThanOrEqual(most);
        expect(residual).toBeLessThanOrEqual(W);
      }),
    );
  });
});
