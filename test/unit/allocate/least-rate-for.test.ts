import { describe, expect, it } from 'vitest';
import { leastRateFor } from '../../../src/allocate/least-rate-for.ts';
import { predictMigration } from '../../../src/model/predict.ts';

const gib = 2 ** 30;
const load = { memoryBytes: gib, wwsBytes: gib, dirtyBytesPerSecond: 2 ** 23 };

describe('leastRateFor', () => {
  it('inverts the completion of one round: r = (M + sqrt(M^2 + 4 T d M)) / 2T', () => {
    const rate = leastRateFor(load, 100, { growth: 'linear', roundLimit: 1 });
    const closedForm = (gib + Math.sqrt(gib ** 2 + 4 * 100 * 2 ** 23 * gib)) / 200;
    expect(Math.abs(rate / closedForm - 1)).toBeLessThan(2e-12);
  });

  it('gives back the rate that a prediction was made for', () => {
    const { completionSeconds } = predictMigration(load, 2 ** 24);
    expect(Math.abs(leastRateFor(load, completionSeconds) / 2 ** 24 - 1)).toBeLessThan(1e-11);
  });

  it('finds a rate below the dirty rate when there is time enough', () => {
    expect(leastRateFor(load, 3000)).toBeLessThan(load.dirtyBytesPerSecond);
  });

  it('needs none with nothing left to send', () => {
    expect(leastRateFor({ ...load, remainingBytes: 0 }, 1)).toBe(0);
  });

  it.each([
    ['completionSeconds', () => leastRateFor(load, 0)],
    ['completionSeconds', () => leastRateFor(load, -1)],
    ['completionSeconds', () => leastRateFor(load, Number.POSITIVE_INFINITY)],
    ['completionSeconds', () => leastRateFor(load, 1e-300)],
    ['wwsBytes', () => leastRateFor({ ...load, wwsBytes: 2 * gib }, 1)],
  ])('refuses a bad %s', (name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(call).toThrow(new RegExp(`^${name} `));
  });
});
