import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateFinalCopy } from '../../src/allocate/final-copy.ts';
import { allocateOptimal } from '../../src/allocate/optimal.ts';
import type { DomainLoad, ModelOptions } from '../../src/model/load.ts';
import { predictMigration } from '../../src/model/predict.ts';
import { anyLoad, anyModel, anyRate, logUniform, ordinaryLoad } from './loads.ts';

const runs = { numRuns: 3000 };
const anyGroup = fc.array(anyLoad, { minLength: 1, maxLength: 12 });

/**
 * The optimum by halving in the space of rates: the more the first domain gets, the earlier it completes and the later
 * the others do. Shares nothing with the solver but the model.
 */
function leastByHalving(domains: readonly DomainLoad[], link: number, model: ModelOptions): number {
  const [first, ...others] = domains;
  const alone = (rate: number) => predictMigration(first!, rate, model).completionSeconds;
  if (others.length === 0) return alone(link);
  let low = 0;
  let high = link;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 52; step++) {
    const rate = (low + high) / 2;
    if (!(rate > 0 && rate < link)) break;
    const mine = alone(rate);
    const theirs = leastByHalving(others, link - rate, model);
    least = Math.min(least, Math.max(mine, theirs));
    if (mine > theirs) low = rate;
    else high = rate;
  }
  return least;
}

/** To the solver's tolerance; what rounding of the link's rate hides in the smallest of them is nobody's loss. */
function expectSame(rate: number, expected: number, link: number): void {
  expect(Math.abs(rate - expected)).toBeLessThanOrEqual(1e-8 * expected + 1e-15 * link);
}

/** The same domain in other units: so many of the new ones to a byte and to a second. */
function scale(load: DomainLoad, bytes: number, second: number): DomainLoad {
  const scaled = Object.entries(load).map(([key, value]) => [
    key,
    key.endsWith('PerSecond') ? (value * bytes) / second : value * bytes,
  ]);
  return Object.fromEntries(scaled) as DomainLoad;
}

describe('allocateOptimal', () => {
  it('keeps within the link, completes in time, and proves the optimum to 1e-9', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, (domains, link, model) => {
        const { bytesPerSecond, completionSeconds } = allocateOptimal(domains, link, model);
        const { lower, upper } = completionSeconds;
        const total = bytesPerSecond.reduce((sum, rate) => sum + rate, 0);
        expect(total).toBeLessThanOrEqual(link);
        expect(total).toBeGreaterThan(link * (1 - 1e-7));
        expect(upper - lower).toBeLessThanOrEqual(1e-9 * upper);
        for (const [index, domain] of domains.entries()) {
          const { completionSeconds: seconds } = predictMigration(domain, bytesPerSecond[index]!, model);
          expect(seconds).toBeLessThanOrEqual(upper * (1 + 1e-13));
        }
      }),
      runs,
    );
  });

  it('finds what halving in the space of rates finds, to 1e-6', () => {
    fc.assert(
      fc.property(
        fc.array(ordinaryLoad, { minLength: 1, maxLength: 3 }),
        logUniform(2 ** 22, 2 ** 30),
        anyModel,
        (group, link, model) => {
          const { lower, upper } = allocateOptimal(group, link, model).completionSeconds;
          const least = leastByHalving(group, link, model);
          expect(least).toBeGreaterThanOrEqual(lower * (1 - 1e-9));
          expect(upper).toBeLessThanOrEqual(least * (1 + 1e-6));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives each domain the same rate in whatever order they are named', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, (domains, link, model) => {
        const forth = allocateOptimal(domains, link, model);
        const back = allocateOptimal(domains.toReversed(), link, model);
        const { lower, upper } = forth.completionSeconds;
        expect(back.completionSeconds.upper).toBeGreaterThanOrEqual(lower * (1 - 1e-11));
        expect(back.completionSeconds.lower).toBeLessThanOrEqual(upper * (1 + 1e-11));
        for (const [index, rate] of back.bytesPerSecond.toReversed().entries()) {
          expectSame(rate, forth.bytesPerSecond[index]!, link);
        }
      }),
      runs,
    );
  });

  it('gives equal domains equal rates, and a group twice as large on twice the link what it gave before', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, (domains, link, model) => {
        const once = allocateOptimal(domains, link, model);
        const twice = allocateOptimal([...domains, ...domains], 2 * link, model);
        const half = twice.bytesPerSecond.slice(0, domains.length);
        expect(twice.bytesPerSecond.slice(domains.length)).toEqual(half);
        for (const [index, rate] of half.entries()) {
          expectSame(rate, once.bytesPerSecond[index]!, link);
        }
      }),
      runs,
    );
  });

  it('gives a domain alone the whole link', () => {
    fc.assert(
      fc.property(anyLoad, anyRate, anyModel, (load, link, model) => {
        const { completionSeconds } = predictMigration(load, link, model);
        expect(allocateOptimal([load], link, model)).toEqual({
          bytesPerSecond: [link],
          completionSeconds: { lower: completionSeconds, upper: completionSeconds },
        });
      }),
      runs,
    );
  });

  it('divides by memory where nothing is dirtied', () => {
    const still = anyLoad.map(({ memoryBytes }) => ({ memoryBytes, wwsBytes: memoryBytes, dirtyBytesPerSecond: 0 }));
    fc.assert(
      fc.property(fc.array(still, { minLength: 1, maxLength: 12 }), anyRate, (domains, link) => {
        const { bytesPerSecond } = allocateOptimal(domains, link);
        const total = domains.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
        for (const [index, { memoryBytes }] of domains.entries()) {
          expect(Math.abs(bytesPerSecond[index]! / ((link * memoryBytes) / total) - 1)).toBeLessThan(1e-8);
        }
      }),
      runs,
    );
  });

  it('completes after N W more than the memory where all of it is dirtied at once, however little the link carries', () => {
    const frantic = anyLoad.map(({ memoryBytes }) => ({
      memoryBytes,
      wwsBytes: memoryBytes,
      dirtyBytesPerSecond: 1e30,
    }));
    fc.assert(
      fc.property(
        fc.array(frantic, { minLength: 1, maxLength: 12 }),
        anyRate,
        fc.integer({ min: 1, max: 60 }),
        (domains, link, roundLimit) => {
          const model = { roundLimit, trafficFactor: Number.POSITIVE_INFINITY, thresholdBytes: 0 };
          const total = domains.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
          const { upper } = allocateOptimal(domains, link, model).completionSeconds;
          expect(Math.abs(upper / (((roundLimit + 1) * total) / link) - 1)).toBeLessThan(2e-9);
        },
      ),
      runs,
    );
  });

  it('does not depend on the units of size and of time', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, logUniform(1e-3, 1e3), (domains, link, model, seconds) => {
        // By a power of two, so that what is compared with the threshold is rounded alike.
        const bytes = 2 ** 7;
        const second = 2 ** Math.round(Math.log2(seconds));
        const scaled = domains.map((load) => scale(load, bytes, second));
        const options = {
          ...model,
          thresholdBytes: model.thresholdBytes! * bytes,
          thresholdSeconds: model.thresholdSeconds! * second,
        };
        const before = allocateOptimal(domains, link, model);
        const after = allocateOptimal(scaled, (link * bytes) / second, options);
        expect(Math.abs(after.completionSeconds.upper / second / before.completionSeconds.upper - 1)).toBeLessThan(
          3e-9,
        );
        for (const [index, rate] of after.bytesPerSecond.entries()) {
          expectSame((rate * second) / bytes, before.bytesPerSecond[index]!, link);
        }
      }),
      runs,
    );
  });

  it('never completes later on a wider link or without one of the domains', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, logUniform(1e-6, 10), anyModel, (domains, link, more, model) => {
        const { upper } = allocateOptimal(domains, link, model).completionSeconds;
        expect(allocateOptimal(domains, link * (1 + more), model).completionSeconds.lower).toBeLessThanOrEqual(upper);
        expect(allocateOptimal(domains.slice(1), link, model).completionSeconds.lower).toBeLessThanOrEqual(upper);
      }),
      runs,
    );
  });
});

describe('allocateFinalCopy', () => {
  it('fills the link and ends every copy of a page or more at the same time', () => {
    fc.assert(
      fc.property(fc.array(logUniform(4096, 2 ** 40), { minLength: 1, maxLength: 20 }), anyRate, (remaining, link) => {
        const rates = allocateFinalCopy(remaining, link);
        const pause = remaining.reduce((sum, bytes) => sum + bytes) / link;
        for (const [index, bytes] of remaining.entries()) {
          expect(Math.abs(bytes / rates[index]! / pause - 1)).toBeLessThan(1e-12);
        }
        expect(Math.abs(rates.reduce((sum, rate) => sum + rate) / link - 1)).toBeLessThan(1e-12);
      }),
    );
  });
});
