import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/domains/domain.ts';
import type { GroupMember } from '../../../src/strategy/division.ts';
import { inTurns } from '../../../src/strategy/turns.ts';

const MiB = 2 ** 20;
const link = 10 * MiB;

const member = (state: MigrationState, sentOnce: boolean, remaining = 128, dirty = 1): GroupMember => ({
  state,
  load: {
    memoryBytes: 128 * MiB,
    wwsBytes: 16 * MiB,
    dirtyBytesPerSecond: dirty * MiB,
    remainingBytes: remaining * MiB,
    sentBytes: 0,
  },
  finalBytes: remaining * MiB,
  catchingUp: false,
  sentOnce,
});

describe('turns', () => {
  it('begin with the domain that goes stale slowest for its size, at the whole link, and begin no other', () => {
    const equal = [member('idle', false, 128, 3), member('idle', false, 128, 1), member('idle', false, 128, 2)];
    expect(inTurns(equal, link)).toEqual([null, link, null]);
    // 1 MiB/s over 16 MiB against 2 MiB/s over 128 MiB: the large one first, although it dirties faster.
    expect(inTurns([member('idle', false, 16, 1), member('idle', false, 128, 2)], link)).toEqual([null, link]);
  });

  it('let whoever has begun finish its memory, whatever the others dirty', () => {
    expect(inTurns([member('idle', false, 128, 0), member('precopy', false, 64, 5)], link)).toEqual([null, link]);
  });

  it('send everybody once before anybody sends again, who is then all but held', () => {
    expect(inTurns([member('precopy', true, 20), member('idle', false)], link)).toEqual([4096, link - 4096]);
  });

  it('go on with whoever has the most left', () => {
    expect(inTurns([member('precopy', true, 20), member('precopy', true, 30)], link)).toEqual([4096, link - 4096]);
    expect(inTurns([member('precopy', true, 40), member('precopy', true, 30)], link)).toEqual([link - 4096, 4096]);
  });

  it('leave nobody out once all wait, and divide the final copies in proportion', () => {
    const rates = inTurns([member('waiting', true), member('waiting', true)], link);
    expect(rates.every((rate) => rate !== null && rate > 0)).toBe(true);
    expect(inTurns([member('stopping', true, 10), member('stopping', true, 30)], link)).toEqual([
      link / 4,
      (link * 3) / 4,
    ]);
  });
});
