import { describe, expect, it } from 'vitest';
import { Copying } from '../../../src/simulate/copying.ts';
import { GuestMemory } from '../../../src/simulate/guest-memory.ts';
import { workloadLevel } from '../../../src/simulate/workload-level.ts';
import { MiB, still } from './scenarios.ts';

const wire = 4096 + 8 + 16 / 256;
const rate = 4000 * wire; // pages a second, in the largest records

function guest(wwsPages: number, writesPerSecond: number, zeroBytes = 0) {
  const workload = {
    ...still,
    kind: 'steady' as const,
    usedBytes: 32 * MiB,
    wwsBytes: wwsPages * 4096,
    coldWritesPerSecond: writesPerSecond,
  };
  const level = workloadLevel(workload);
  return new GuestMemory({ memoryBytes: 64 * MiB, workload, level, zeroBytes, workedSeconds: 0 });
}

function roundZero(memory: GuestMemory, { packed = true, skips = true, mostSentPages = Infinity } = {}) {
  const { regions } = memory;
  memory.clean(0);
  return new Copying({
    memory,
    regions,
    pendingPages: regions.map(({ pages }) => pages),
    packed,
    skips,
    mostSentPages,
  });
}

describe('Copying', () => {
  it('sends what stands still at the rate, framing included', () => {
    const copying = roundZero(guest(0, 0));
    expect(copying.endsAt(5, rate)).toBeCloseTo(5 + 4.096, 9);
    expect(copying.advance(5, 30, rate)).toBeCloseTo(5 + 4.096, 9);
    expect(copying).toMatchObject({ ended: true, sentPages: 16384, zeroPages: 0, skippedPages: 0 });
    expect(copying.sentBytes).toBeCloseTo(16384 * wire, 3);
  });

  it.each([1, 30, 4000, 1e6])(
    'sends no more and no less than the rate of %d pages a second carries',
    (pagesPerSecond) => {
      const memory = guest(2000, 5000);
      const { regions } = memory;
      memory.clean(0);
      const copying = new Copying({
        memory,
        regions,
        pendingPages: [0, 2000, 0, 0],
        packed: true,
        skips: true,
        mostSentPages: Infinity,
      });
      const end = copying.advance(0, 1e6, pagesPerSecond * wire);
      // Slow as it may be, the first pages are sent before all of it is dirty again.
      expect(copying.sentPages).toBeGreaterThan(0.5);
      expect(copying.sentBytes / (end * pagesPerSecond * wire)).toBeCloseTo(1, 2);
    },
  );

  it('sends pages of zeros as entries', () => {
    const copying = roundZero(guest(0, 0, 16 * MiB));
    copying.advance(0, 1e3, rate);
    expect(copying).toMatchObject({ sentPages: 12288, zeroPages: 4096 });
    expect(copying.sentBytes).toBeCloseTo(16384 * (8 + 1 / 16) + 12288 * 4096, 3);
  });

  it('comes to the same in one go, in many, and at rates that change', () => {
    const whole = roundZero(guest(4000, 8000));
    const end = whole.advance(0, 1e3, rate);
    const parts = roundZero(guest(4000, 8000));
    for (let now = 0; now < 100; now += 0.025) parts.advance(now, now + 0.025, rate);
    expect(parts.sentPages / whole.sentPages).toBeCloseTo(1, 2);
    expect(whole.handledPages).toBeCloseTo(16384, 6);
    const halves = roundZero(guest(4000, 0));
    halves.advance(0, 2, rate);
    expect(halves.endsAt(2, rate / 2)).toBeCloseTo(2 + 2.096 * 2, 1);
    expect(halves.endsAt(2, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(end).toBeLessThan(4.096);
  });

  it('skips what is dirty again by the law of the writes', () => {
    // r pages go each second and a share e^(-kt) is still clean, so r e^(kt) are dealt with: p take ln(1 + k p / r) / k.
    const [r, p, k] = [4000, 4000, 2];
    const memory = guest(p, k * p);
    memory.clean(0);
    const pendingPages = [0, p, 0, 0];
    const options = { memory, regions: memory.regions, pendingPages, packed: true, skips: true };
    const copying = new Copying({ ...options, mostSentPages: Infinity });
    const seconds = Math.log(1 + (k * p) / r) / k;
    expect(copying.advance(0, 100, rate)).toBeCloseTo(seconds, 3);
    expect(copying.sentPages / (r * seconds)).toBeCloseTo(1, 2);
    expect(copying.sentPages + copying.skippedPages).toBeCloseTo(p, 6);
  });

  it('gets past moments too short to send anything in', () => {
    const copying = roundZero(guest(4000, 8000));
    expect(copying.advance(0, Number.MIN_VALUE, rate)).toBe(Number.MIN_VALUE);
    expect(copying.advance(1e6, 1e6 + 2 ** -33, rate)).toBe(1e6 + 2 ** -33);
  });

  it('skips nothing of a guest that has stopped', () => {
    const copying = roundZero(guest(4000, 8000), { skips: false });
    copying.advance(0, 1e3, rate);
    expect(copying).toMatchObject({ sentPages: 16384, skippedPages: 0 });
  });

  it('skips far more where the working set lies all over the memory than where it comes first', () => {
    const packed = roundZero(guest(4000, 8000));
    const scattered = roundZero(guest(4000, 8000), { packed: false });
    packed.advance(0, 1e3, rate);
    scattered.advance(0, 1e3, rate);
    expect(scattered.skippedPages).toBeGreaterThan(1.4 * packed.skippedPages);
  });

  it('is left midway at the limit of pages sent, and knows what is left of each region', () => {
    const copying = roundZero(guest(4000, 0), { mostSentPages: 6000 });
    expect(copying.advance(0, 1e3, rate)).toBeCloseTo(1.5, 9);
    expect(copying.ended).toBe(true);
    expect(copying.sentPages).toBeCloseTo(6000, 6);
    expect(copying.unsentPages().map(Math.round)).toEqual([0, 0, 10384, 0]);
  });
});
