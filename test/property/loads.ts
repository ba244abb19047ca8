import * as fc from 'fast-check';
import type { DomainLoad, ModelOptions } from '../../src/model/load.ts';

/** Uniform in the logarithm: as many between 1 and 10 as between 10^6 and 10^7. */
export function logUniform(low: number, high: number): fc.Arbitrary<number> {
  return fc
    .double({ min: 0, max: 1, noNaN: true })
    .map((share) => Math.min(high, low * Math.exp(share * Math.log(high / low))));
}

/** Any domain that dirties its memory as usual: no extremes, so that what is found can be looked at. */
export const ordinaryLoad: fc.Arbitrary<DomainLoad> = fc
  .record({ memoryBytes: logUniform(2 ** 20, 2 ** 36), share: logUniform(1e-3, 1), load: logUniform(1e-3, 10) })
  .map(({ memoryBytes, share, load }) => ({
    memoryBytes,
    wwsBytes: memoryBytes * share,
    dirtyBytesPerSecond: load * 2 ** 24,
  }));

/** Any domain from a single page to 8 TiB, at rest or dirtying a terabyte per second, fresh or under way. */
export const anyLoad: fc.Arbitrary<DomainLoad> = fc
  .record({
    memoryBytes: logUniform(4096, 2 ** 43),
    wwsShare: fc.oneof(fc.constantFrom(0, 1), logUniform(1e-6, 1)),
    dirtyBytesPerSecond: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 9, arbitrary: logUniform(1, 1e12) },
    ),
    coldBytesPerSecond: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: logUniform(1, 1e12) },
    ),
    under: fc.option(fc.record({ left: logUniform(1e-6, 1), sent: fc.double({ min: 0, max: 4, noNaN: true }) }), {
      nil: undefined,
    }),
  })
  .map(({ memoryBytes, wwsShare, dirtyBytesPerSecond, coldBytesPerSecond, under }) => ({
    memoryBytes,
    wwsBytes: wwsShare * memoryBytes,
    dirtyBytesPerSecond,
    ...(coldBytesPerSecond !== undefined && { coldBytesPerSecond }),
    ...(under && { remainingBytes: under.left * memoryBytes, sentBytes: under.sent * memoryBytes }),
  }));

export const anyModel: fc.Arbitrary<ModelOptions> = fc.record({
  growth: fc.constantFrom('saturating', 'linear'),
  roundLimit: fc.oneof(fc.constant(30), fc.integer({ min: 1, max: 60 })),
  trafficFactor: fc.oneof(
    fc.constant(3),
    fc.constant(Number.POSITIVE_INFINITY),
    fc.double({ min: 0, max: 5, noNaN: true }),
  ),
  thresholdBytes: fc.oneof(fc.constant(50 * 4096), fc.constant(0), logUniform(1, 2 ** 30)),
  thresholdSeconds: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: logUniform(1e-3, 1e3) }),
});

export const anyRate = logUniform(1e-3, 1e13);
