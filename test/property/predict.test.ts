import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainLoad, ModelOptions } from '../../src/model/load.ts';
import { predictMigration } from '../../src/model/predict.ts';
import { anyLoad, anyModel, anyRate, logUniform } from './loads.ts';

const runs = { numRuns: 20_000 };

/** The model as one would tell it: rounds on a clock, told from the start, with nothing of the solver's in it. */
function tell(load: DomainLoad, rate: number, options: Required<ModelOptions>): number {
  const { memoryBytes, wwsBytes: w, dirtyBytesPerSecond: d, coldBytesPerSecond: c = 0 } = load;
  const { remainingBytes = memoryBytes, sentBytes = 0 } = load;
  const hotAfter = (seconds: number): number => {
    if (w === 0 || d === 0) return 0;
    return options.growth === 'linear' ? Math.min(d * seconds, w) : -w * Math.expm1((-d * seconds) / w);
  };
  const dirtyAfter = (seconds: number): number => Math.min(hotAfter(seconds) + c * seconds, memoryBytes);
  const budget = Math.max(0, options.trafficFactor * memoryBytes - sentBytes);
  if (budget <= remainingBytes) return remainingBytes + dirtyAfter(budget / rate);
  const threshold = Math.max(options.thresholdBytes, options.thresholdSeconds * rate);
  const volumes = [remainingBytes];
  do volumes.push(dirtyAfter(volumes.at(-1)! / rate));
  while (volumes.at(-1)! > threshold && volumes.length <= options.roundLimit);
  const writtenOnce = c > 0 ? c * (budget / rate) : 0;
  return Math.min(
    volumes.reduce((sum, bytes) => sum + bytes),
    budget + Math.min((d > 0 ? w : 0) + writtenOnce, memoryBytes),
  );
}

describe('predictMigration', () => {
  it('never completes later with more rate, however near the two rates are', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, logUniform(1e-9, 1e6), (load, model, rate, more) => {
        const slow = predictMigration(load, rate, model);
        const fast = predictMigration(load, rate * (1 + more), model);
        // The exponential is rounded, and so its last digits are not monotone.
        expect(fast.completionSeconds).toBeLessThanOrEqual(slow.completionSeconds * (1 + 1e-12));
        expect(fast.trafficBytes).toBeLessThanOrEqual(slow.trafficBytes * (1 + 1e-12));
      }),
      runs,
    );
  });

  it('is monotone to the last bit with linear growth, which rounds monotonically', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, fc.integer({ min: 1, max: 1000 }), (load, model, rate, ulps) => {
        const linear: ModelOptions = { ...model, growth: 'linear' };
        const slow = predictMigration(load, rate, linear).completionSeconds;
        const fast = predictMigration(load, rate * (1 + ulps * Number.EPSILON), linear).completionSeconds;
        expect(fast).toBeLessThanOrEqual(slow);
      }),
      runs,
    );
  });

  it('is finite, and sends what there is at least and beta M + W at most', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, (load, model, rate) => {
        const { completionSeconds, trafficBytes, rounds, residualBytes, downtimeSeconds } = predictMigration(
          load,
          rate,
          model,
        );
        const { memoryBytes, coldBytesPerSecond = 0, remainingBytes = memoryBytes, sentBytes = 0 } = load;
        const wwsBytes = coldBytesPerSecond > 0 ? memoryBytes : load.wwsBytes;
        const budget = Math.max(0, model.trafficFactor! * memoryBytes - sentBytes);
        expect(Number.isFinite(completionSeconds)).toBe(true);
        expect(trafficBytes).toBeGreaterThanOrEqual(remainingBytes);
        expect(trafficBytes).toBeLessThanOrEqual((Math.max(budget, remainingBytes) + wwsBytes) * (1 + 1e-15));
        expect(completionSeconds).toBe(trafficBytes / rate);
        expect(rounds).toBeLessThanOrEqual(model.roundLimit!);
        expect(downtimeSeconds).toBeGreaterThanOrEqual(0);
        expect(downtimeSeconds).toBeLessThanOrEqual(completionSeconds);
        if (budget > remainingBytes) expect(residualBytes).toBeLessThanOrEqual(wwsBytes * (1 + 1e-9) + 1);
        expect(downtimeSeconds).toBe(residualBytes / rate);
      }),
      runs,
    );
  });

  it('is the sum of the rounds told one after another', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, (load, model, rate) => {
        const told = tell(load, rate, model as Required<ModelOptions>);
        expect(Math.abs(predictMigration(load, rate, model).trafficBytes / told - 1)).toBeLessThanOrEqual(1e-12);
      }),
      runs,
    );
  });

  it('never completes earlier when more is dirtied, in whichever way', () => {
    const more = fc.double({ min: 1, max: 10, noNaN: true });
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, more, more, more, (load, model, rate, w, d, c) => {
        const heavier = {
          ...load,
          wwsBytes: Math.min(load.wwsBytes * w, load.memoryBytes),
          dirtyBytesPerSecond: load.dirtyBytesPerSecond * d,
          coldBytesPerSecond: (load.coldBytesPerSecond ?? 0) * c,
        };
        const less = predictMigration(load, rate, model).trafficBytes;
        expect(predictMigration(heavier, rate, model).trafficBytes).toBeGreaterThanOrEqual(less * (1 - 1e-12));
      }),
      runs,
    );
  });

  it('goes over into the model without cold pages as their rate vanishes', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, (load, model, rate) => {
        const { coldBytesPerSecond: _, ...hot } = load;
        const without = predictMigration(hot, rate, model).trafficBytes;
        const nearly = predictMigration({ ...hot, coldBytesPerSecond: 1e-18 * rate }, rate, model).trafficBytes;
        // Unless what is left is so near the threshold that it takes a round more.
        const wider = { ...model, thresholdBytes: model.thresholdBytes! * (1 + 1e-9) };
        const narrower = { ...model, thresholdBytes: model.thresholdBytes! * (1 - 1e-9) };
        fc.pre(predictMigration(hot, rate, wider).rounds === predictMigration(hot, rate, narrower).rounds);
        expect(Math.abs(nearly / without - 1)).toBeLessThanOrEqual(1e-9);
      }),
      runs,
    );
  });

  it('does not depend on the unit of size', () => {
    fc.assert(
      fc.property(anyLoad, anyModel, anyRate, fc.integer({ min: -10, max: 10 }), (load, model, rate, power) => {
        // By a power of two, so that nothing is rounded differently.
        const unit = 2 ** power;
        const scaled = Object.fromEntries(Object.entries(load).map(([key, value]) => [key, value * unit]));
        const options = { ...model, thresholdBytes: model.thresholdBytes! * unit };
        expect(predictMigration(scaled as unknown as DomainLoad, rate * unit, options).completionSeconds).toBe(
          predictMigration(load, rate, model).completionSeconds,
        );
      }),
      runs,
    );
  });
});
