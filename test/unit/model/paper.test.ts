import { describe, expect, it } from 'vitest';
import { fitAlpha, paperCost, paperRounds } from '../../../src/model/paper.ts';

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

  it('leaves alpha W to stop-and-copy after the last round, W at the traffic limit', () => {
    expect(paperCost(load, 0.5, { roundLimit: 10, alpha: 0.5 })).toMatchObject({
      residualBytes: 50,
      downtimeSeconds: 100,
    });
    expect(paperCost(load, 0.5)).toMatchObject({ residualBytes: 100, downtimeSeconds: 200 });
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

describe('paperRounds', () => {
  it('dirties in each round what the one before took time for (eqs. 1 to 3)', () => {
    expect(paperRounds({ memoryBytes: 1024, dirtyBytesPerSecond: 1 }, 2, 3)).toEqual([
      { bytes: 1024, seconds: 512 },
      { bytes: 512, seconds: 256 },
      { bytes: 256, seconds: 128 },
      { bytes: 128, seconds: 64 },
    ]);
  });

  it('adds up to the cost of eqs. 4 and 5, and ends with what stop-and-copy sends', () => {
    const cost = paperCost(load, 3, { thresholdBytes: 1 });
    const rounds = paperRounds(load, 3, cost.rounds);
    expect(rounds.reduce((sum, { bytes }) => sum + bytes, 0)).toBeCloseTo(cost.trafficBytes, 9);
    expect(rounds.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(cost.completionSeconds, 9);
    expect(rounds.at(-1)!.bytes).toBeCloseTo(cost.residualBytes, 12);
    expect(rounds.at(-1)!.seconds).toBeCloseTo(cost.downtimeSeconds, 12);
  });

  it.each([
    ['memoryBytes', () => paperRounds({ memoryBytes: 0, dirtyBytesPerSecond: 1 }, 1, 1)],
    ['bytesPerSecond', () => paperRounds(load, 0, 1)],
    ['rounds', () => paperRounds(load, 1, -1)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name} `));
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
