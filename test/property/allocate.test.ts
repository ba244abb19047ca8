import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateFinalCopy } from '../../src/allocate/final-copy.ts';
import { allocateOptimal } from '../../src/allocate/optimal.ts';
import type { DomainLoad, ModelOptions } from '../../src/model/load.ts';
import { predictMigration } from '../../src/model/predict.ts';
import { anyLoad, anyModel, anyRate, logUniform } from './loads.ts';

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
    const ordinary = fc
      .record({ memory: logUniform(2 ** 20, 2 ** 36), share: logUniform(1e-3, 1), load: logUniform(1e-3, 10) })
      .map(({ memory, share, load }) => ({
        memoryBytes: memory,
        wwsBytes: memory * share,
        dirtyBytesPerSecond: load * 2 ** 24,
      }));
    fc.assert(
      fc.property(
        fc.array(ordinary, { minLength: 1, maxLength: 3 }),
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

  it('does not depend on the order of the domains', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, (domains, link, model) => {
        const forth = allocateOptimal(domains, link, model);
        const back = allocateOptimal(domains.toReversed(), link, model);
        const { lower, upper } = forth.completionSeconds;
        expect(back.completionSeconds.upper).toBeGreaterThanOrEqual(lower * (1 - 1e-11));
        expect(back.completionSeconds.lower).toBeLessThanOrEqual(upper * (1 + 1e-11));
      }),
      runs,
    );
  });

  it('takes half the time when both the link and the dirtying are twice as fast', () => {
    fc.assert(
      fc.property(anyGroup, anyRate, anyModel, (domains, link, model) => {
        const faster = domains.map((domain) => ({ ...domain, dirtyBytesPerSecond: 2 * domain.dirtyBytesPerSecond }));
        const once = allocateOptimal(domains, link, model).completionSeconds.upper;
        const twice = allocateOptimal(faster, 2 * link, model).completionSeconds.upper;
        expect(Math.abs((2 * twice) / once - 1)).toBeLessThanOrEqual(2e-9);
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
