import { describe, expect, it } from 'vitest';
import { decideBalloon } from '../../../src/balloon/decide.ts';

const MiB = 2 ** 20;

describe('decideBalloon', () => {
  it('leaves the guest what it uses and a margin of 5 %', () => {
    const { targetBytes, reason } = decideBalloon({ presentBytes: 1024 * MiB, usedBytes: 512 * MiB });
    expect(targetBytes).toBe(Math.ceil((512 * MiB * 1.05) / 4096) * 4096);
    expect(reason).toBe('47 % of its memory is free');
  });

  it('leaves a guest alone that uses nearly all of its memory', () => {
    expect(decideBalloon({ presentBytes: 1024 * MiB, usedBytes: 1000 * MiB })).toEqual({
      targetBytes: null,
      reason: '98 % of its memory is in use',
    });
  });

  it('never aims above what is present', () => {
    for (const usedBytes of [0, MiB, 900 * MiB, 1024 * MiB]) {
      const { targetBytes } = decideBalloon({ presentBytes: 1024 * MiB, usedBytes });
      if (targetBytes !== null) expect(targetBytes).toBeLessThan(1024 * MiB);
    }
  });
});
