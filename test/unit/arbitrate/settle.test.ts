import { describe, expect, it } from 'vitest';
import { nextToCatchUp } from '../../../src/arbitrate/settle.ts';

const MiB = 2 ** 20;
const link = 50 * MiB;
const terms = { leastGain: 0.08, leastShareOfPause: 0.06, mostCatchUps: 4 };

/** A domain that dirties so many bytes per second without end. */
const domain = (finalBytes: number, dirtyBytesPerSecond: number, catchUps = 0) => ({
  finalBytes,
  catchUps,
  dirtyAfter: (seconds: number) => dirtyBytesPerSecond * seconds,
  stalesBy: () => 0,
});

/** One whose final copy grows by so much while it waits. */
const growing = (finalBytes: number, bytesPerSecond: number) => ({
  ...domain(finalBytes, bytesPerSecond),
  stalesBy: (seconds: number) => bytesPerSecond * seconds,
});

describe('nextToCatchUp', () => {
  it('picks the domain whose round shortens the pause most', () => {
    const small = domain(4 * MiB, 5 * MiB);
    const stale = domain(40 * MiB, 20 * MiB);
    expect(nextToCatchUp([small, stale], link, terms)).toBe(stale);
  });

  it('stops when a round would leave as much dirty as it sends', () => {
    expect(nextToCatchUp([domain(40 * MiB, 50 * MiB)], link, terms)).toBeNull();
    expect(nextToCatchUp([domain(40 * MiB, 80 * MiB)], link, terms)).toBeNull();
  });

  it('counts half of what the others go stale by meanwhile', () => {
    // Half a second of the link saves 25 MiB - 5 MiB here, and costs half of 0.5 s times what the other dirties there.
    const stale = growing(25 * MiB, 10 * MiB);
    expect(nextToCatchUp([stale, growing(1 * MiB, 60 * MiB)], link, terms)).toBe(stale);
    expect(nextToCatchUp([stale, growing(1 * MiB, 75 * MiB)], link, terms)).toBeNull();
  });

  it('does not bother about less than 6 % of the pause', () => {
    const hopeless = domain(90 * MiB, link);
    expect(nextToCatchUp([hopeless, domain(5 * MiB, 0)], link, terms)).toBeNull();
    expect(nextToCatchUp([hopeless, domain(7 * MiB, 0)], link, terms)).not.toBeNull();
  });

  it('lets a domain catch up four times at the most', () => {
    expect(nextToCatchUp([domain(40 * MiB, 0, 3)], link, terms)).not.toBeNull();
    expect(nextToCatchUp([domain(40 * MiB, 0, 4)], link, terms)).toBeNull();
  });

  it('finds nothing to do where nothing is dirty', () => {
    expect(nextToCatchUp([domain(0, 0), domain(0, 10 * MiB)], link, terms)).toBeNull();
  });
});
