import { describe, expect, it } from 'vitest';
import { VmbuddiesError } from '../../../src/errors.ts';
import type { DomainLoad, ModelOptions } from '../../../src/model/load.ts';
import { predictMigration } from '../../../src/model/predict.ts';

const gib = 2 ** 30;
const page = 4096;
const rate = 2 ** 24;
const linear: ModelOptions = { growth: 'linear' };

function load(over: Partial<DomainLoad> = {}): DomainLoad {
  return { memoryBytes: gib, wwsBytes: gib, dirtyBytesPerSecond: rate / 2, ...over };
}

describe('predictMigration', () => {
  it('sums the geometric series of eqs. 4 and 5 while the working set is not met', () => {
    // v_i = 2^(30 - i); v_13 = 32 pages is the first within 50.
    expect(predictMigration(load(), rate, linear)).toEqual({
      completionSeconds: (2 ** 31 - 2 ** 17) / rate,
      trafficBytes: 2 ** 31 - 2 ** 17,
      rounds: 13,
      residualBytes: 2 ** 17,
      downtimeSeconds: 2 ** 17 / rate,
    });
  });

  it('follows eq. 3 for any convergence coefficient', () => {
    const q = 0.3;
    const series = Array.from({ length: 9 }, (_, i) => gib * q ** i);
    expect(series.findIndex((bytes) => bytes <= 50 * page)).toBe(8);
    const { trafficBytes, rounds, downtimeSeconds } = predictMigration(
      load({ dirtyBytesPerSecond: q * rate }),
      rate,
      linear,
    );
    expect(trafficBytes).toBeCloseTo(
      series.reduce((sum, bytes) => sum + bytes),
      3,
    );
    expect(rounds).toBe(8);
    expect(downtimeSeconds).toBeCloseTo(series[8]! / rate, 12);
  });

  it('comes to the same series when a saturating working set is far larger than what is dirtied', () => {
    const wide = load({ memoryBytes: 2 ** 50, wwsBytes: 2 ** 50, remainingBytes: gib });
    expect(predictMigration(wide, rate).trafficBytes / (2 ** 31 - 2 ** 17) - 1).toBeCloseTo(0, 6);
  });

  it('lets a saturating working set fill as 1 - e^(-dt/W)', () => {
    const { trafficBytes } = predictMigration(load({ wwsBytes: gib / 2 }), rate, { roundLimit: 2 });
    const first = (gib / 2) * (1 - Math.exp(-1));
    const second = (gib / 2) * (1 - Math.exp(-(1 - Math.exp(-1)) / 2));
    expect(trafficBytes).toBeCloseTo(gib + first + second, 3);
  });

  it('sends the working set in every round when it dirties far faster than it sends', () => {
    const hot = load({ wwsBytes: gib / 64, dirtyBytesPerSecond: 1e6 * rate });
    for (const growth of ['linear', 'saturating'] as const) {
      expect(predictMigration(hot, rate, { growth })).toEqual({
        completionSeconds: (gib + (30 * gib) / 64) / rate,
        trafficBytes: gib + (30 * gib) / 64,
        rounds: 30,
        residualBytes: gib / 64,
        downtimeSeconds: gib / 64 / rate,
      });
    }
  });

  it('leaves pre-copy at the traffic limit, midway in a round, with at most the working set to go', () => {
    // Round 0, sixteen rounds of M / 8, and the limit of 3 M is met: eq. 7's beta M + W.
    const hot = load({ wwsBytes: gib / 8, dirtyBytesPerSecond: 1e6 * rate });
    expect(predictMigration(hot, rate)).toEqual({
      completionSeconds: (3.125 * gib) / rate,
      trafficBytes: 3.125 * gib,
      rounds: 17,
      residualBytes: gib / 8,
      downtimeSeconds: gib / 8 / rate,
    });
    expect(predictMigration(hot, rate, { trafficFactor: 1.1 })).toMatchObject({ trafficBytes: 1.225 * gib, rounds: 2 });
  });

  it('goes on to the round limit where there is no traffic limit', () => {
    const same = load({ dirtyBytesPerSecond: rate });
    expect(predictMigration(same, rate, { growth: 'linear', trafficFactor: Number.POSITIVE_INFINITY })).toEqual({
      completionSeconds: (31 * gib) / rate,
      trafficBytes: 31 * gib,
      rounds: 30,
      residualBytes: gib,
      downtimeSeconds: gib / rate,
    });
  });

  it('meets a traffic limit within round 0 with the rest of the memory and what was dirtied meanwhile', () => {
    const half = { growth: 'linear', trafficFactor: 0.5 } as const;
    expect(predictMigration(load({ dirtyBytesPerSecond: rate / 4 }), rate, half)).toEqual({
      completionSeconds: (1.125 * gib) / rate,
      trafficBytes: 1.125 * gib,
      rounds: 1,
      residualBytes: 0.625 * gib,
      downtimeSeconds: (0.625 * gib) / rate,
    });
    expect(predictMigration(load(), rate, { trafficFactor: 0 })).toEqual({
      completionSeconds: gib / rate,
      trafficBytes: gib,
      rounds: 0,
      residualBytes: gib,
      downtimeSeconds: gib / rate,
    });
  });

  it.each([
    ['no working set', load({ wwsBytes: 0 })],
    ['no dirtying', load({ dirtyBytesPerSecond: 0 })],
  ])('needs one round and no final copy with %s', (_, still) => {
    const once = { completionSeconds: gib / rate, trafficBytes: gib, rounds: 1, residualBytes: 0, downtimeSeconds: 0 };
    expect(predictMigration(still, rate)).toEqual(once);
    expect(predictMigration(still, rate, linear)).toEqual(once);
  });

  it('sends a single page, and once more if it is dirtied', () => {
    const single = { memoryBytes: page, wwsBytes: page, dirtyBytesPerSecond: 1e12 };
    expect(predictMigration(single, page)).toEqual({
      completionSeconds: 2,
      trafficBytes: 2 * page,
      rounds: 1,
      residualBytes: page,
      downtimeSeconds: 1,
    });
  });

  it('stops at the very threshold', () => {
    const exact = load({ memoryBytes: 100 * page, wwsBytes: 100 * page });
    expect(predictMigration(exact, rate, linear)).toMatchObject({ rounds: 1, trafficBytes: 150 * page });
    expect(predictMigration(exact, rate, { ...linear, thresholdBytes: 50 * page - 1 })).toMatchObject({ rounds: 2 });
  });

  it('ends pre-copy once the final copy takes no longer than asked for', () => {
    // v_i = 2^(30 - i), and a quarter of a second sends 2^22.
    expect(predictMigration(load(), rate, { ...linear, thresholdSeconds: 0.25 })).toEqual({
      completionSeconds: (2 ** 31 - 2 ** 22) / rate,
      trafficBytes: 2 ** 31 - 2 ** 22,
      rounds: 8,
      residualBytes: 2 ** 22,
      downtimeSeconds: 0.25,
    });
  });

  it('adds the pages written once to those written over and over', () => {
    const cold = load({ wwsBytes: gib / 4, dirtyBytesPerSecond: 1e9 * rate, coldBytesPerSecond: rate / 4 });
    // v_0 = 1, v_1 = 1/4 + 1/4, v_2 = 1/4 + 1/8, v_3 = 1/4 + 3/32 GiB.
    expect(predictMigration(cold, rate, { roundLimit: 3 })).toMatchObject({
      trafficBytes: (1 + 1 / 2 + 3 / 8 + 11 / 32) * gib,
      residualBytes: (11 / 32) * gib,
    });
  });

  it('never finds more dirty than the memory has', () => {
    const all = load({ wwsBytes: gib / 4, dirtyBytesPerSecond: 1e9 * rate, coldBytesPerSecond: 1e9 * rate });
    expect(predictMigration(all, rate, { roundLimit: 1 })).toMatchObject({ trafficBytes: 2 * gib });
    expect(predictMigration(all, rate)).toMatchObject({ trafficBytes: 4 * gib, residualBytes: gib });
  });

  it('takes pages written once alone for a straight line', () => {
    const still = load({ wwsBytes: 0, dirtyBytesPerSecond: 0, coldBytesPerSecond: rate / 2 });
    expect(predictMigration(still, rate)).toEqual(predictMigration(load(), rate, linear));
  });

  it('goes on from what remains, and counts what was sent against the traffic limit', () => {
    const rest = load({ remainingBytes: gib / 4 });
    expect(predictMigration(rest, rate, linear)).toMatchObject({ trafficBytes: gib / 2 - 2 ** 17, rounds: 11 });
    const late = load({ remainingBytes: gib / 4, sentBytes: 2.5 * gib, dirtyBytesPerSecond: 1e6 * rate });
    expect(predictMigration(late, rate)).toMatchObject({ trafficBytes: 1.5 * gib, downtimeSeconds: gib / rate });
    const over = load({ remainingBytes: gib / 4, sentBytes: 3 * gib });
    expect(predictMigration(over, rate)).toMatchObject({ trafficBytes: gib / 4, rounds: 0 });
  });

  it('costs nothing once nothing remains', () => {
    const done = { completionSeconds: 0, trafficBytes: 0, rounds: 0, residualBytes: 0, downtimeSeconds: 0 };
    expect(predictMigration(load({ remainingBytes: 0 }), rate)).toEqual(done);
    expect(predictMigration(load({ remainingBytes: 0 }), rate, linear)).toEqual(done);
  });

  it.each<[string, Partial<DomainLoad>, number, object]>([
    ['memoryBytes', { memoryBytes: 0 }, rate, {}],
    ['memoryBytes', { memoryBytes: Number.NaN }, rate, {}],
    ['wwsBytes', { wwsBytes: -1 }, rate, {}],
    ['wwsBytes', { wwsBytes: gib + 1 }, rate, {}],
    ['dirtyBytesPerSecond', { dirtyBytesPerSecond: Number.POSITIVE_INFINITY }, rate, {}],
    ['coldBytesPerSecond', { coldBytesPerSecond: -1 }, rate, {}],
    ['thresholdSeconds', {}, rate, { thresholdSeconds: -1 }],
    ['remainingBytes', { remainingBytes: 2 * gib }, rate, {}],
    ['sentBytes', { sentBytes: -1 }, rate, {}],
    ['bytesPerSecond', {}, 0, {}],
    ['bytesPerSecond', {}, -1, {}],
    ['bytesPerSecond', {}, Number.NaN, {}],
    ['bytesPerSecond', {}, Number.POSITIVE_INFINITY, {}],
    ['roundLimit', {}, rate, { roundLimit: 0 }],
    ['roundLimit', {}, rate, { roundLimit: 1.5 }],
    ['trafficFactor', {}, rate, { trafficFactor: -1 }],
    ['thresholdBytes', {}, rate, { thresholdBytes: Number.NaN }],
    ['growth', {}, rate, { growth: 'cubic' }],
  ])('refuses a bad %s: %j %d %j', (name, over, bytesPerSecond, options) => {
    const call = () => predictMigration(load(over), bytesPerSecond, options);
    expect(call).toThrow(VmbuddiesError);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
