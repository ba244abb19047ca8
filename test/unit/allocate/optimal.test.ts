import { describe, expect, it } from 'vitest';
import { allocateEqual } from '../../../src/allocate/equal.ts';
import { allocateOptimal } from '../../../src/allocate/optimal.ts';
import { VmbuddiesError } from '../../../src/errors.ts';
import type { DomainLoad } from '../../../src/model/load.ts';
import { predictMigration } from '../../../src/model/predict.ts';

const mib = 2 ** 20;
const page = 4096;
const link = 64 * mib;

function load(memoryMib: number, wwsMib: number, dirtyMibPerSecond: number): DomainLoad {
  return { memoryBytes: memoryMib * mib, wwsBytes: wwsMib * mib, dirtyBytesPerSecond: dirtyMibPerSecond * mib };
}

const tiers = [load(1024, 100, 2), load(2048, 600, 20), load(4096, 900, 9)];

/** Relative difference, for `toBeLessThan`. */
function off(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1);
}

/** Checks what holds for every allocation. */
function solve(domains: readonly DomainLoad[], bytesPerSecond = link) {
  const result = allocateOptimal(domains, bytesPerSecond);
  const { lower, upper } = result.completionSeconds;
  expect(result.bytesPerSecond.reduce((sum, rate) => sum + rate, 0)).toBeLessThanOrEqual(bytesPerSecond);
  expect(lower).toBeLessThanOrEqual(upper);
  expect(upper - lower).toBeLessThanOrEqual(1e-9 * upper);
  for (const [index, domain] of domains.entries()) {
    const rate = result.bytesPerSecond[index]!;
    if (rate > 0) expect(predictMigration(domain, rate).completionSeconds).toBeLessThanOrEqual(upper);
    else expect(domain.remainingBytes).toBe(0);
  }
  return result;
}

describe('allocateOptimal', () => {
  it('lets all tiers complete at the same time', () => {
    const { bytesPerSecond, completionSeconds } = solve(tiers);
    const completions = tiers.map((tier, index) => predictMigration(tier, bytesPerSecond[index]!).completionSeconds);
    for (const seconds of completions) expect(off(seconds, completionSeconds.upper)).toBeLessThan(1e-8);
  });

  it('is earlier than equal shares', () => {
    const equal = tiers.map((tier, index) => predictMigration(tier, allocateEqual(3, link)[index]!).completionSeconds);
    expect(solve(tiers).completionSeconds.upper).toBeLessThan(0.8 * Math.max(...equal));
  });

  it('gives a single domain the whole link', () => {
    const { bytesPerSecond, completionSeconds } = solve([tiers[0]!]);
    expect(off(bytesPerSecond[0]!, link)).toBeLessThan(1e-13);
    expect(off(completionSeconds.upper, predictMigration(tiers[0]!, link).completionSeconds)).toBeLessThan(1e-9);
  });

  it('divides by memory where nothing is dirtied', () => {
    const { bytesPerSecond, completionSeconds } = solve([load(100, 100, 0), load(300, 0, 50)]);
    expect(off(bytesPerSecond[0]!, link / 4)).toBeLessThan(1e-12);
    expect(off(bytesPerSecond[1]!, (3 * link) / 4)).toBeLessThan(1e-12);
    expect(off(completionSeconds.upper, (400 * mib) / link)).toBeLessThan(1e-9);
  });

  it('divides by what is sent at most where all is dirtied at once: 3 M + W', () => {
    const { bytesPerSecond, completionSeconds } = solve([load(100, 100, 1e6), load(300, 150, 1e6)]);
    expect(off(completionSeconds.upper, (1450 * mib) / link)).toBeLessThan(1e-9);
    expect(off(bytesPerSecond[0]!, (link * 400) / 1450)).toBeLessThan(1e-12);
  });

  it('solves where the domains dirty more than the link carries', () => {
    const { completionSeconds } = solve([load(1024, 512, 50), load(512, 512, 50), load(2048, 64, 50)]);
    expect(completionSeconds.upper).toBeGreaterThan((1024 + 512 + 2048) / 64);
  });

  it('agrees with the closed form for one round: T = M/r + dM/r^2', () => {
    const pair = [load(1000, 1000, 3), load(500, 500, 11)];
    const options = { growth: 'linear', roundLimit: 1 } as const;
    const { bytesPerSecond, completionSeconds } = allocateOptimal(pair, link, options);
    const closedForm = (t: number) =>
      pair.map(({ memoryBytes: m, dirtyBytesPerSecond: d }) => (m + Math.sqrt(m * m + 4 * t * d * m)) / (2 * t));
    for (const [index, rate] of closedForm(completionSeconds.upper).entries()) {
      expect(off(bytesPerSecond[index]!, rate)).toBeLessThan(1e-9);
    }
    const demands = [completionSeconds.lower, completionSeconds.upper].map((t) =>
      closedForm(t).reduce((sum, rate) => sum + rate),
    );
    expect(demands[0]).toBeGreaterThan(link);
    expect(demands[1]).toBeLessThanOrEqual(link);
  });

  it('treats equal domains equally', () => {
    const { bytesPerSecond } = solve(Array.from({ length: 7 }, () => tiers[1]!));
    expect(new Set(bytesPerSecond).size).toBe(1);
    expect(off(bytesPerSecond[0]!, link / 7)).toBeLessThan(1e-12);
  });

  it('handles a guest of one page beside a large one', () => {
    const single = { memoryBytes: page, wwsBytes: page, dirtyBytesPerSecond: 1e12 };
    const { bytesPerSecond, completionSeconds } = solve([single, tiers[2]!]);
    expect(off(bytesPerSecond[0]!, (2 * page) / completionSeconds.upper)).toBeLessThan(1e-8);
  });

  it('gives rate 0 to those that have nothing left, and only to them', () => {
    const { bytesPerSecond } = solve([
      { ...tiers[0]!, remainingBytes: 0 },
      { ...tiers[1]!, remainingBytes: 1 },
    ]);
    expect(bytesPerSecond[0]).toBe(0);
    expect(off(bytesPerSecond[1]!, link)).toBeLessThan(1e-12);
    const done = [{ ...tiers[0]!, remainingBytes: 0 }];
    expect(solve(done)).toEqual({ bytesPerSecond: [0], completionSeconds: { lower: 0, upper: 0 } });
    expect(solve([])).toEqual({ bytesPerSecond: [], completionSeconds: { lower: 0, upper: 0 } });
  });

  it('moves bandwidth from a domain that is nearly done to one that is not', () => {
    const before = solve(tiers).bytesPerSecond;
    const under = [{ ...tiers[0]!, remainingBytes: 10 * mib, sentBytes: 1024 * mib }, tiers[1]!, tiers[2]!];
    const after = solve(under).bytesPerSecond;
    expect(after[0]).toBeLessThan(before[0]! / 3);
    expect(after[1]).toBeGreaterThan(before[1]!);
    expect(after[2]).toBeGreaterThan(before[2]!);
  });

  it('stays certain where the link meets a jump of the completion exactly', () => {
    // At half the rate dirtied the eighth halving is 50 pages: at this very rate round 8 is not needed any more.
    const memoryBytes = 50 * page * 2 ** 8;
    const domain = { memoryBytes, wwsBytes: memoryBytes, dirtyBytesPerSecond: link / 2 };
    const completion = (rate: number) => predictMigration(domain, rate, { growth: 'linear' }).completionSeconds;
    expect(completion(link * (1 - 1e-12)) / completion(link)).toBeGreaterThan(1.0009);
    const { completionSeconds } = allocateOptimal([domain], link, { growth: 'linear' });
    expect(completionSeconds.lower).toBeLessThanOrEqual(completion(link * (1 - 1e-12)));
    expect(completionSeconds.upper).toBeGreaterThanOrEqual(completion(link));
    expect(off(completionSeconds.upper, completionSeconds.lower)).toBeLessThan(1e-8);
  });

  it('solves for ten thousand domains', () => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      load(64 + ((i * 37) % 4000), 32 + ((i * 11) % 32), (i * 13) % 40),
    );
    solve(many, 1000 * link);
  });

  it.each([
    ['linkBytesPerSecond', () => allocateOptimal(tiers, 0)],
    ['linkBytesPerSecond', () => allocateOptimal(tiers, Number.NaN)],
    ['linkBytesPerSecond', () => allocateOptimal(tiers, Number.POSITIVE_INFINITY)],
    ['wwsBytes', () => allocateOptimal([load(1, 2, 1)], link)],
    ['roundLimit', () => allocateOptimal(tiers, link, { roundLimit: 0 })],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(VmbuddiesError);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
