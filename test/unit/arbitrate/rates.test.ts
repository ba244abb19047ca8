import { describe, expect, it } from 'vitest';
import type { Member } from '../../../src/arbitrate/member.ts';
import { Rates, windowEnds } from '../../../src/arbitrate/rates.ts';
import type { MigrationState } from '../../../src/domains/domain.ts';
import { optimalDivision, paperTerms } from '../../../src/strategy/division.ts';

const MiB = 2 ** 20;
const link = 10 * MiB;
const strategy = { division: optimalDivision, terms: paperTerms };

/** What a division sees of a member; the rates found for it are put in force by `force`. */
function fakeMember(name: string) {
  const given = { state: 'precopy' as MigrationState, dirtyBytesPerSecond: MiB, ended: false };
  const member = {
    name,
    presentBytes: 128 * MiB,
    leftBytes: 64 * MiB,
    bytesPerSecond: null as number | null,
    get ended() {
      return given.ended;
    },
    view: () => ({
      state: given.state,
      load: {
        memoryBytes: 128 * MiB,
        wwsBytes: 32 * MiB,
        dirtyBytesPerSecond: given.dirtyBytesPerSecond,
        remainingBytes: 64 * MiB,
        sentBytes: 0,
      },
      finalBytes: 0,
      catchingUp: false,
    }),
  };
  return { given, member: member as unknown as Member };
}

function force(rates: Map<Member, number> | null): number[] | null {
  for (const [member, rate] of rates ?? []) member.bytesPerSecond = rate;
  return rates && [...rates.values()];
}

function group() {
  const web = fakeMember('web');
  const db = fakeMember('db');
  return { web, db, members: [web.member, db.member] };
}

describe('Rates', () => {
  it('divide the link at first, and leave it at that while nothing changes', () => {
    const { members } = group();
    const rates = new Rates(strategy, 'phases');
    expect(force(rates.next(members, link, 'event'))!.map(Math.round)).toEqual([link / 2, link / 2]);
    expect(rates.next(members, link, 'event')).toBeNull();
  });

  it('pay no heed to a change that brings the end nearer by less than 2 %', () => {
    const { db, members } = group();
    const rates = new Rates(strategy, 'phases');
    force(rates.next(members, link, 'event'));
    db.given.dirtyBytesPerSecond = 1.02 * MiB;
    expect(rates.next(members, link, 'event')).toBeNull();
    db.given.dirtyBytesPerSecond = 3 * MiB;
    const [web, more] = force(rates.next(members, link, 'event'))!;
    expect(more!).toBeGreaterThan(web!);
  });

  it('are found anew when the link or a state has changed, whatever that gains', () => {
    const { web, members } = group();
    const rates = new Rates(strategy, 'phases');
    force(rates.next(members, link, 'event'));
    expect(force(rates.next(members, 1.001 * link, 'event'))).not.toBeNull();
    web.given.state = 'waiting';
    expect(force(rates.next(members, 1.001 * link, 'event'))![1]!).toBeGreaterThan(0.8 * link);
    web.given.ended = true;
    expect(force(rates.next(members, 1.001 * link, 'event'))).toHaveLength(1);
  });

  it('follow changes of load at the end of a window only, if there are windows, and then all of them', () => {
    const { db, members } = group();
    const rates = new Rates(strategy, { windowMs: 1000 });
    force(rates.next(members, link, 'event'));
    db.given.dirtyBytesPerSecond = 3 * MiB;
    expect(rates.next(members, link, 'event')).toBeNull();
    expect(force(rates.next(members, link, 'window'))).not.toBeNull();
    db.given.dirtyBytesPerSecond = 3.001 * MiB;
    expect(rates.next(members, link, 'window')).not.toBeNull();
  });
});

describe('windowEnds', () => {
  it('come one after another until the group has ended, and never without windows', async () => {
    const ended = new AbortController();
    let ms = 0;
    const clock = {
      now: () => ms / 1000,
      pause: async (pause: number) => {
        ms += pause;
      },
    };
    const times: number[] = [];
    for await (const _ of windowEnds({ adaptation: { windowMs: 250 }, clock }, ended.signal)) {
      times.push(ms);
      if (times.length === 3) ended.abort();
    }
    expect(times).toEqual([250, 500, 750]);
    for await (const _ of windowEnds({ adaptation: 'phases', clock }, new AbortController().signal)) times.push(ms);
    expect(times).toHaveLength(3);
  });
});
