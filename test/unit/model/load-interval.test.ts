import { describe, expect, it } from 'vitest';
import { loadInterval, normalQuantile } from '../../../src/model/load-interval.ts';

const load = { memoryBytes: 1000, wwsBytes: 400, dirtyBytesPerSecond: 10, coldBytesPerSecond: 2 };

describe('loadInterval', () => {
  it('is the load itself where that is known exactly', () => {
    expect(loadInterval(load, {}, 0.9)).toEqual({ low: load, high: load });
  });

  it('lets one uncertain parameter lie outside as often as the coverage allows', () => {
    const { low, high } = loadInterval(load, { dirty: 0.1 }, 0.9);
    expect(high).toMatchObject({ wwsBytes: 400, coldBytesPerSecond: 2 });
    expect(Math.log(high.dirtyBytesPerSecond / 10)).toBeCloseTo(0.1645, 4);
    expect(Math.log(low.dirtyBytesPerSecond / 10)).toBeCloseTo(-0.1645, 4);
  });

  it('divides that allowance among several', () => {
    const { high } = loadInterval(load, { wws: 0.1, dirty: 0.1 }, 0.9);
    expect(Math.log(high.dirtyBytesPerSecond / 10)).toBeCloseTo(0.196, 3);
    expect(Math.log(high.wwsBytes / 400)).toBeCloseTo(0.196, 3);
  });

  it('ends the working set at the memory, and does not count a parameter that is 0', () => {
    const hot = { memoryBytes: 1000, wwsBytes: 900, dirtyBytesPerSecond: 10 };
    const { high } = loadInterval(hot, { wws: 1, cold: 1 }, 0.9);
    expect(high).toMatchObject({ wwsBytes: 1000, coldBytesPerSecond: 0 });
    expect(loadInterval(hot, { dirty: 0.1, cold: 1 }, 0.9).high.dirtyBytesPerSecond).toBeCloseTo(11.788, 3);
  });

  it.each([
    ['coverage', () => loadInterval(load, {}, 1)],
    ['coverage', () => loadInterval(load, {}, 0.4)],
    ['uncertainty.wws', () => loadInterval(load, { wws: -1 }, 0.9)],
    ['uncertainty.dirty', () => loadInterval(load, { dirty: 11 }, 0.9)],
    ['uncertainty.cold', () => loadInterval(load, { cold: Number.NaN }, 0.9)],
    ['wwsBytes', () => loadInterval({ ...load, wwsBytes: -1 }, {}, 0.9)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});

describe('normalQuantile', () => {
  it.each([
    [0.5, 0],
    [0.75, 0.67449],
    [0.95, 1.64485],
    [0.975, 1.95996],
    [0.9995, 3.29053],
  ])('of %d is %d', (probability, quantile) => {
    expect(Math.abs(normalQuantile(probability) - quantile)).toBeLessThan(4.5e-4);
  });
});
