import { describe, expect, it } from 'vitest';
import { isWorthwhile, secondsLeft } from '../../../src/adapt/gain.ts';
import { predictMigration } from '../../../src/model/predict.ts';
import type { GroupMember } from '../../../src/strategy/division.ts';

const MiB = 2 ** 20;
const load = {
  memoryBytes: 128 * MiB,
  wwsBytes: 16 * MiB,
  dirtyBytesPerSecond: MiB,
  remainingBytes: 64 * MiB,
  sentBytes: 0,
};
const member = (state: GroupMember['state'], { finalBytes = 0, catchingUp = false } = {}): GroupMember => ({
  state,
  load,
  finalBytes,
  catchingUp,
  sentOnce: false,
});

describe('secondsLeft', () => {
  it('is the time of the last one by the cost model', () => {
    const { completionSeconds } = predictMigration(load, 2 * MiB);
    expect(secondsLeft([member('precopy'), member('precopy')], [8 * MiB, 2 * MiB])).toBe(completionSeconds);
  });

  it('counts final copies, and those who catch up, but not those who wait', () => {
    expect(secondsLeft([member('stopping', { finalBytes: 6 * MiB }), member('prepared')], [2 * MiB, null])).toBe(3);
    expect(
      secondsLeft(
        [member('waiting', { finalBytes: 8 * MiB, catchingUp: true }), member('waiting', { finalBytes: 80 * MiB })],
        [4 * MiB, MiB],
      ),
    ).toBe(2);
  });

  it('never comes for a domain that has no rate, unless it is not its turn', () => {
    expect(secondsLeft([member('stopping', { finalBytes: 1 })], [null])).toBe(Number.POSITIVE_INFINITY);
    expect(secondsLeft([member('idle'), member('waiting')], [null, null])).toBe(0);
  });
});

describe('isWorthwhile', () => {
  const stopping = [member('stopping', { finalBytes: 10 * MiB }), member('stopping', { finalBytes: 10 * MiB })];

  it('asks for a gain of 2 % of the time left', () => {
    const before = [5 * MiB, 5 * MiB];
    expect(isWorthwhile(stopping, before, [5.15 * MiB, 5.15 * MiB])).toBe(true);
    expect(isWorthwhile(stopping, before, [5.05 * MiB, 5.05 * MiB])).toBe(false);
  });

  it('has nothing to gain where the slowest stays as it is', () => {
    expect(isWorthwhile(stopping, [5 * MiB, 4 * MiB], [7 * MiB, 4 * MiB])).toBe(false);
  });
});
