import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadInterval } from '../../src/model/load-interval.ts';
import { predictMigration } from '../../src/model/predict.ts';
import { predictInterval } from '../../src/model/predict-interval.ts';
import { anyLoad, anyModel, anyRate } from './loads.ts';

const error = fc.double({ min: 0, max: 1, noNaN: true });
const anyUncertainty = fc.record({ wws: error, dirty: error, cold: error });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** To rounding: the exponential's last digits are not monotone. */
function expectWithin(value: number, { low, high }: { low: number; high: number }): void {
  expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-9));
  expect(value).toBeLessThanOrEqual(high * (1 + 1e-9));
}

describe('predictInterval', () => {
  it('contains what any load between the lightest and the heaviest would cost', () => {
    fc.assert(
      fc.property(
        anyLoad,
        anyRate,
        anyModel,
        anyUncertainty,
        fc.tuple(share, share, share),
        (load, rate, model, uncertainty, [w, d, c]) => {
          const { low, high } = loadInterval(load, uncertainty, 0.9);
          const between = (from: number, to: number, at: number) => Math.min(from + (to - from) * at, to);
          const some = {
            ...load,
            wwsBytes: between(low.wwsBytes, high.wwsBytes, w),
            dirtyBytesPerSecond: between(low.dirtyBytesPerSecond, high.dirtyBytesPerSecond, d),
            coldBytesPerSecond: between(low.coldBytesPerSecond!, high.coldBytesPerSecond!, c),
          };
          const interval = predictInterval(load, rate, { ...model, uncertainty });
          const cost = predictMigration(some, rate, model);
          expectWithin(cost.completionSeconds, interval.completionSeconds);
          expectWithin(cost.trafficBytes, interval.trafficBytes);
          expectWithin(cost.downtimeSeconds, interval.downtimeSeconds);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('is no narrower at a higher coverage, nor when less is known', () => {
    fc.assert(
      fc.property(anyLoad, anyRate, anyModel, anyUncertainty, (load, rate, model, uncertainty) => {
        const of = (coverage: number, known = uncertainty) =>
          predictInterval(load, rate, { ...model, uncertainty: known, coverage }).completionSeconds;
        const less = { wws: uncertainty.wws * 2, dirty: uncertainty.dirty * 2, cold: uncertainty.cold * 2 };
        const narrow = of(0.8);
        for (const wide of [of(0.95), of(0.8, less)]) {
          expectWithin(narrow.low, wide);
          expectWithin(narrow.high, wide);
          expect(narrow.likely).toBe(wide.likely);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
