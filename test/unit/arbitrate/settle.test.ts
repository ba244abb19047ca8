import { describe, expect, it } from 'vitest';
import { Settling, type WaitingDomain } from '../../../src/arbitrate/settle.ts';

const MiB = 2 ** 20;
const link = 50 * MiB;

/** Who catches up first. */
const first = <Domain extends WaitingDomain>(domains: readonly Domain[]) =>
  new Settling({ leastGain: 0.08, leastShareOfPause: 0.06, maxVainRounds: 8 }).next(domains, link);

/** A domain that dirties so many bytes per second without end; its final copy does not grow while it waits. */
const domain = (finalBytes: number, dirtyBytesPerSecond: number) => ({
  presentBytes: 1024 * MiB,
  finalBytes,
  dirtyAfter: (seconds: number) => dirtyBytesPerSecond * seconds,
  stalesBy: () => 0,
});

/** One whose final copy grows as well. */
const growing = (finalBytes: number, bytesPerSecond: number) => ({
  ...domain(finalBytes, bytesPerSecond),
  stalesBy: (seconds: number) => bytesPerSecond * seconds,
});

describe('who catches up before the first barrier', () => {
  it('is the domain whose round shortens the pause most', () => {
    const small = domain(4 * MiB, 5 * MiB);
    const stale = domain(40 * MiB, 20 * MiB);
    expect(first([small, stale])).toBe(stale);
  });

  it('is nobody when a round would leave as much dirty as it sends', () => {
    expect(first([domain(40 * MiB, 50 * MiB)])).toBeNull();
    expect(first([domain(40 * MiB, 80 * MiB)])).toBeNull();
  });

  it('counts half of what the others go stale by meanwhile', () => {
    // Half a second of the link saves 25 MiB - 5 MiB here, and costs half of 0.5 s times what the other dirties there.
    const stale = growing(25 * MiB, 10 * MiB);
    expect(first([stale, growing(1 * MiB, 60 * MiB)])).toBe(stale);
    expect(first([stale, growing(1 * MiB, 75 * MiB)])).toBeNull();
  });

  it('does not bother about less than 6 % of the pause', () => {
    const hopeless = domain(90 * MiB, link);
    expect(first([hopeless, domain(5 * MiB, 0)])).toBeNull();
    expect(first([hopeless, domain(7 * MiB, 0)])).not.toBeNull();
  });

  it('is nobody where nothing is dirty', () => {
    expect(first([domain(0, 0), domain(0, 10 * MiB)])).toBeNull();
  });

  it('is nobody any more when eight rounds for each domain have not shortened the pause', () => {
    const settling = new Settling({ leastGain: 0.08, leastShareOfPause: 0.06, maxVainRounds: 8 });
    const group = [domain(10 * MiB, 0), domain(10 * MiB, 0)];
    const rounds = Array.from({ length: 18 }, () => settling.next(group, link));
    expect(rounds.map((next) => next !== null)).toEqual([...new Array(17).fill(true), false]);
  });

  it('goes on as long as the pause becomes shorter by the least gain', () => {
    const settling = new Settling({ leastGain: 0.08, leastShareOfPause: 0.06, maxVainRounds: 8 });
    for (let bytes = 4 * MiB; bytes > MiB; bytes *= 0.97) {
      expect(settling.next([domain(bytes, 0)], link)).not.toBeNull();
    }
  });

  it('is nobody any more when more than 15 % of the memory has been sent once more', () => {
    const settling = new Settling({ leastGain: 0.08, leastShareOfPause: 0.06, maxVainRounds: 8 });
    const rounds = [90, 60, 30, 20].map((mebibytes) => settling.next([domain(mebibytes * MiB, 0)], link));
    expect(rounds.map((next) => next !== null)).toEqual([true, true, true, false]);
  });
});
