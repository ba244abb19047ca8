import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBalloon } from '../../../src/balloon/decide.ts';

const MiB = 2 ** 20;

describe('decideBalloon', () => {
  it('leaves the guest what it uses and a margin of 5 %', () => {
    const { targetBytes, reserveBytes, rule, reason } = decideBalloon({
      presentBytes: 1024 * MiB,
      usedBytes: 512 * MiB,
    });
    expect(targetBytes).toBe(Math.ceil((512 * MiB * 1.05) / 4096) * 4096);
    expect(reserveBytes).toBeCloseTo(25.6 * MiB, 0);
    expect(rule).toBe('free');
    expect(reason).toBe('47 % of its memory is free');
  });

  it('leaves a guest alone that uses nearly all of its memory', () => {
    const inputs = { presentBytes: 1024 * MiB, usedBytes: 1000 * MiB };
    expect(decideBalloon(inputs)).toEqual({
      inputs: { ...inputs, growthBytesPerSecond: 0, seconds: 0 },
      reserveBytes: 50 * MiB,
      rule: 'in-use',
      targetBytes: null,
      reason: '98 % of its memory is in use',
    });
  });

  it('leaves a growing guest what it will need by the time it has moved', () => {
    const { targetBytes, rule, reason } = decideBalloon({
      presentBytes: 1024 * MiB,
      usedBytes: 400 * MiB,
      growthBytesPerSecond: MiB,
      seconds: 200,
    });
    expect(targetBytes).toBe(600 * MiB);
    expect(rule).toBe('free');
    expect(reason).toBe('41 % of its memory is free, less what it will need as it grows by 6 % of its memory a minute');
  });

  it('leaves a guest as it is that will need all it has', () => {
    const { targetBytes, rule, reason } = decideBalloon({
      presentBytes: 1024 * MiB,
      usedBytes: 512 * MiB,
      growthBytesPerSecond: 10 * MiB,
      seconds: 60,
    });
    expect(targetBytes).toBeNull();
    expect(rule).toBe('growing');
    expect(reason).toBe('50 % of its memory is in use, and it grows by 59 % of its memory a minute');
  });

  it('takes a guest that shrinks as it is now', () => {
    const shrinking = { presentBytes: 1024 * MiB, usedBytes: 512 * MiB, growthBytesPerSecond: -MiB, seconds: 60 };
    expect(decideBalloon(shrinking).targetBytes).toBe(
      decideBalloon({ presentBytes: 1024 * MiB, usedBytes: 512 * MiB }).targetBytes,
    );
  });

  it('never aims above what is present, nor below what is used, at whole pages', () => {
    const pages = fc.integer({ min: 1, max: 2 ** 24 });
    fc.assert(
      fc.property(
        pages,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        (presentPages, usedShare, growthBytesPerSecond, seconds) => {
          const presentBytes = presentPages * 4096;
          const usedBytes = Math.floor(presentBytes * usedShare);
          const { targetBytes, rule } = decideBalloon({ presentBytes, usedBytes, growthBytesPerSecond, seconds });
          expect(rule === 'free').toBe(targetBytes !== null);
          if (targetBytes === null) return;
          expect(targetBytes).toBeLessThan(presentBytes);
          expect(targetBytes).toBeGreaterThanOrEqual(usedBytes);
          expect(targetBytes % 4096).toBe(0);
        },
      ),
    );
  });
});
