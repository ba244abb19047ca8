import { describe, expect, it } from 'vitest';
import { fitAlpha, paperCost } from '../../../src/model/paper.ts';

const load = { memoryBytes: 1024, dirtyBytesPerSecond: 1, wwsBytes: 100 };

describe('paperCost', () => {
  it('sums the geometric series of eqs. 4 and 5 where the link is faster than the dirty rate', () => {
    // q = 1/2 and V_thd = M / 8: three rounds after round 0, 1024 + 512 + 256 + 128.
    const { rounds, trafficBytes, completionSeconds } = paperCost(load, 2, { thresholdBytes: 128 });
    expect({ rounds, trafficBytes, completionSeconds }).toEqual({
      rounds: 3,
      trafficBytes: 1920,
      completionSeconds: 960,
    });
  });

  it('stops after N rounds although the threshold is not reached (eq. 6)', () => {
    expect(paperCost(load, 2, { thresholdBytes: 1e-9, roundLimit: 2 })).toMatchObject({
      rounds: 2,
      trafficBytes: 1792,
    });
  });

  it('sends the memory once where nothing is dirtied, or where all of it fits the final copy', () => {
    expect(paperCost({ ...load, dirtyBytesPerSecond: 0 }, 2)).toMatchObject({ rounds: 0, trafficBytes: 1024 });
    expect(paperCost(load, 2, { thresholdBytes: 1024 })).toMatchObject({ rounds: 0, trafficBytes: 1024 });
  });

  it('is bounded by the rounds or by the traffic where the dirty rate is above the link (eqs. 7 and 8)', () => {
    expect(paperCost(load, 0.5, { roundLimit: 10, alpha: 0.5 })).toMatchObject({
      trafficBytes: 1024 + 10 * 0.5 * 100,
      completionSeconds: 2 * (1024 + 500),
    });
    expect(paperCost(load, 0.5, { roundLimit: 30, alpha: 1 }).trafficBytes).toBe(3 * 1024 + 100);
  });

  it('disagrees with itself where the rate equals the dirty rate', () => {
    const below = paperCost(load, 1, { thresholdBytes: 1e-6 }).completionSeconds;
    const above = paperCost(load, 1 + 1e-9, { thresholdBytes: 1e-6 }).completionSeconds;
    expect(above / below).toBeCloseTo((31 * 1024) / (3 * 1024 + 100), 5);
  });

  it('has the slope of its completion, the number of rounds held', () => {
    const at = (rate: number) => paperCost(load, rate, { thresholdBytes: 1e-9, roundLimit: 6 });
    const numeric = (at(3 + 1e-6).completionSeconds - at(3 - 1e-6).completionSeconds) / 2e-6;
    expect(at(3).slope).toBeCloseTo(numeric, 4);
  });
});

describe('fitAlpha', () => {
  it('is the share of the working set that rounds re-send', () => {
    expect(fitAlpha([80, 80, 80], 100)).toBeCloseTo(0.8, 12);
  });

  it('averages over rounds that differ', () => {
    // Traffic after 1 and 2 rounds: 60 and 160; the slope through the origin is (1*60 + 2*160) / (1 + 4) = 76.
    expect(fitAlpha([60, 100], 100)).toBeCloseTo(0.76, 12);
  });
});
