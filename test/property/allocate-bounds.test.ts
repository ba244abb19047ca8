import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundedLoad } from '../../src/allocate/bounded-rate.ts';
import { allocateForDeadline } from '../../src/allocate/deadline.ts';
import { allocateForDowntime } from '../../src/allocate/downtime.ts';
import { leastRateFor } from '../../src/allocate/least-rate-for.ts';
import { allocateOptimal } from '../../src/allocate/optimal.ts';
import { predictMigration } from '../../src/model/predict.ts';
import { anyLoad, anyModel, anyRate, logUniform, ordinaryLoad } from './loads.ts';

const runs = { numRuns: 2000 };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A link and a group whose lower bounds take up to 99 % of it, and whose upper ones may be anything above. */
const boundedGroup = fc
  .record({
    link: anyRate,
    taken: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.99, noNaN: true })),
    members: fc.array(
      fc.record({
        load: anyLoad,
        floor: fc.oneof(fc.constant(0), share),
        ceiling: fc.option(logUniform(1e-6, 10), { nil: null }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ link, taken, members }) => {
    const floors = Math.max(sum(members.map(({ floor }) => floor)), 1e-9);
    const domains = members.map(({ load, floor, ceiling }): BoundedLoad => {
      const leastBytesPerSecond = (floor / floors) * taken * link;
      return {
        ...load,
        leastBytesPerSecond,
        ...(ceiling !== null && { mostBytesPerSecond: leastBytesPerSecond + ceiling * link }),
      };
    });
    return { link, domains };
  });

describe('allocateOptimal with bounds', () => {
  it('keeps to every bound and to the link, and leaves nothing over that somebody could have', () => {
    fc.assert(
      fc.property(boundedGroup, anyModel, ({ link, domains }, model) => {
        const { bytesPerSecond, completionSeconds } = allocateOptimal(domains, link, model);
        const { lower, upper } = completionSeconds;
        for (const [index, load] of domains.entries()) {
          const { leastBytesPerSecond = 0, mostBytesPerSecond = Number.POSITIVE_INFINITY } = load;
          const rate = bytesPerSecond[index]!;
          expect(rate).toBeGreaterThanOrEqual(leastBytesPerSecond);
          expect(rate).toBeLessThanOrEqual(mostBytesPerSecond);
          expect(predictMigration(load, rate, model).completionSeconds).toBeLessThanOrEqual(upper * (1 + 1e-13));
        }
        const total = sum(bytesPerSecond);
        const most = sum(domains.map(({ mostBytesPerSecond = link }) => Math.min(mostBytesPerSecond, link)));
        expect(total).toBeLessThanOrEqual(link * (1 + 1e-15));
        expect(total).toBeGreaterThan(Math.min(link, most) * (1 - 1e-7));
        expect(upper - lower).toBeLessThanOrEqual(1e-9 * upper);
      }),
      runs,
    );
  });

  it('divides lexicographically: who could do with less than another waits for has its lower bound', () => {
    fc.assert(
      fc.property(boundedGroup, anyModel, ({ link, domains }, model) => {
        const { bytesPerSecond } = allocateOptimal(domains, link, model);
        const views = domains.map((load, index) => {
          const rate = bytesPerSecond[index]!;
          const seconds = predictMigration(load, rate, model).completionSeconds;
          // Where the completion jumps just below the rate, there is no giving way.
          const slower = predictMigration(load, rate * (1 - 1e-7), model).completionSeconds;
          const atCeiling = rate >= Math.min(load.mostBytesPerSecond ?? link, link) * (1 - 1e-12);
          const atFloor = rate <= load.leastBytesPerSecond! * (1 + 1e-7);
          return { seconds, slower, atCeiling, atFloor };
        });
        const waitedFor = Math.max(0, ...views.filter(({ atCeiling }) => !atCeiling).map(({ seconds }) => seconds));
        for (const { slower, atFloor } of views) {
          if (!atFloor) expect(slower).toBeGreaterThanOrEqual(waitedFor * (1 - 1e-8));
        }
      }),
      runs,
    );
  });

  it('comes to the division without bounds where none binds', () => {
    fc.assert(
      fc.property(fc.array(anyLoad, { minLength: 2, maxLength: 8 }), anyRate, anyModel, (domains, link, model) => {
        const free = allocateOptimal(domains, link, model);
        const bounded = domains.map((load, index) => ({
          ...load,
          leastBytesPerSecond: free.bytesPerSecond[index]! * 0.9,
          mostBytesPerSecond: free.bytesPerSecond[index]! * 1.1,
        }));
        const { bytesPerSecond, completionSeconds } = allocateOptimal(bounded, link, model);
        expect(Math.abs(completionSeconds.upper / free.completionSeconds.upper - 1)).toBeLessThan(2e-9);
        for (const [index, rate] of bytesPerSecond.entries()) {
          expect(Math.abs(rate / free.bytesPerSecond[index]! - 1)).toBeLessThan(1e-8);
        }
      }),
      runs,
    );
  });
});

describe('leastRateFor', () => {
  it('meets the completion, and nothing lower does', () => {
    fc.assert(
      fc.property(anyLoad, logUniform(1e-6, 1e9), anyModel, (load, seconds, model) => {
        const rate = leastRateFor(load, seconds, model);
        expect(predictMigration(load, rate, model).completionSeconds).toBeLessThanOrEqual(seconds);
        const lower = predictMigration(load, rate * (1 - 3e-12), model).completionSeconds;
        expect(lower).toBeGreaterThan(seconds * (1 - 1e-15));
      }),
      runs,
    );
  });

  it('is the inverse of the completion', () => {
    fc.assert(
      fc.property(anyLoad, anyRate, anyModel, (load, rate, model) => {
        const { completionSeconds } = predictMigration(load, rate, model);
        expect(leastRateFor(load, completionSeconds * (1 + 1e-11), model)).toBeLessThanOrEqual(rate);
        // T falls at least as fast as the rate grows, so a later time needs no more than that share less.
        expect(leastRateFor(load, completionSeconds * (1 - 1e-11), model)).toBeGreaterThan(rate * (1 - 1e-9));
      }),
      runs,
    );
  });
});

describe('allocateForDeadline', () => {
  it('asks for no more than the optimum at its own completion, and for more before it', () => {
    fc.assert(
      fc.property(boundedGroup, anyModel, ({ link, domains }, model) => {
        const { lower, upper } = allocateOptimal(domains, link, model).completionSeconds;
        const later = allocateForDeadline(domains, link, upper * (1 + 1e-9), model);
        expect(later).toMatchObject({ fits: true, late: [] });
        expect(sum(later.bytesPerSecond)).toBeLessThanOrEqual(link);
        const sooner = allocateForDeadline(domains, link * (1 - 1e-9), lower * (1 - 1e-6), model);
        expect(sooner.fits).toBe(false);
      }),
      runs,
    );
  });
});

describe('allocateForDowntime', () => {
  const group = fc.array(ordinaryLoad, { minLength: 1, maxLength: 6 });
  const budgetMs = logUniform(1, 1e6);

  it('keeps every pause and the group within the budget, or says what budget could be kept', () => {
    fc.assert(
      fc.property(group, logUniform(2 ** 22, 2 ** 30), budgetMs, (domains, link, maxDowntimeMs) => {
        const found = allocateForDowntime(domains, link, maxDowntimeMs);
        const model = { thresholdBytes: 0, thresholdSeconds: maxDowntimeMs / 1000 };
        if (found.fits) {
          expect(found.downtimeMs).toBeLessThanOrEqual(maxDowntimeMs * (1 + 1e-12));
          for (const [index, load] of domains.entries()) {
            const { downtimeSeconds } = predictMigration(load, found.bytesPerSecond[index]!, model);
            expect(downtimeSeconds * 1000).toBeLessThanOrEqual(maxDowntimeMs * (1 + 1e-12));
          }
        } else {
          const { leastDowntimeMs } = found;
          expect(leastDowntimeMs).toBeGreaterThan(maxDowntimeMs);
          expect(allocateForDowntime(domains, link, leastDowntimeMs * (1 + 1e-5)).fits).toBe(true);
          expect(allocateForDowntime(domains, link, leastDowntimeMs * (1 - 1e-5)).fits).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds the best of all divisions of a fine grid', () => {
    const cells = 400;
    fc.assert(
      fc.property(ordinaryLoad, ordinaryLoad, logUniform(2 ** 22, 2 ** 28), budgetMs, (one, other, link, maxMs) => {
        const model = { thresholdBytes: 0, thresholdSeconds: maxMs / 1000 };
        let best = Number.POSITIVE_INFINITY;
        for (let cell = 1; cell < cells; cell++) {
          const rate = (link * cell) / cells;
          const costs = [predictMigration(one, rate, model), predictMigration(other, link - rate, model)];
          if (costs.some(({ downtimeSeconds }) => downtimeSeconds * 1000 > maxMs)) continue;
          best = Math.min(best, Math.max(...costs.map(({ completionSeconds }) => completionSeconds)));
        }
        const found = allocateForDowntime([one, other], link, maxMs);
        if (!found.fits) expect(best).toBe(Number.POSITIVE_INFINITY);
        else expect(found.completionSeconds.lower).toBeLessThanOrEqual(best * (1 + 1e-9));
      }),
      { numRuns: 200 },
    );
  });

  it('never completes earlier than with any pause at the same rule, nor later with a larger budget', () => {
    fc.assert(
      fc.property(group, logUniform(2 ** 22, 2 ** 30), budgetMs, logUniform(1, 100), (domains, link, maxMs, more) => {
        const tight = allocateForDowntime(domains, link, maxMs);
        fc.pre(tight.fits);
        const loose = allocateForDowntime(domains, link, maxMs * more);
        expect(loose.fits).toBe(true);
        if (loose.fits) {
          expect(loose.completionSeconds.lower).toBeLessThanOrEqual(tight.completionSeconds.upper * (1 + 1e-9));
        }
      }),
      { numRuns: 500 },
    );
  });
});
