import { describe, expect, it } from 'vitest';
import type { GroupEvent } from '../../../src/arbitrate/group-event.ts';
import type { Domain } from '../../../src/domains/domain.ts';
import type { Where } from '../../../src/errors.ts';
import { Balloons } from '../../../src/migrate/balloons.ts';

const MiB = 2 ** 20;
const destination = { to: 'there', ssh: null };
const clock = { now: () => 0, pause: async () => {} };
const unrecorded = { write: async () => {}, remove: async () => {} };

/** A domain of which only the memory matters; `calls` is what was done to it. */
function domain(name: string, usedBytes: number | null, { failing = false, memoryBytes = 128 * MiB } = {}) {
  const calls: string[] = [];
  const note = async (call: string) => {
    calls.push(call);
    if (failing && calls.length > 1) throw new Error('no route to host');
  };
  const fake = {
    name,
    reference: `process:${name}`,
    info: () => ({ presentBytes: 100 * MiB, memoryBytes }),
    usedBytes: async () => usedBytes,
    balloon: async (bytes: number) => {
      await note(`balloon ${bytes / MiB}`);
      return bytes;
    },
    restoreMemoryAt: (to: string, ssh: string | null, bytes: number) => note(`at ${to} ${ssh} ${bytes / MiB}`),
  };
  return { calls, domain: fake as unknown as Domain };
}

async function run(subject: Domain, where: Where): Promise<GroupEvent[]> {
  const events: GroupEvent[] = [];
  const balloons = new Balloons((event) => events.push(event), { clock, balloons: unrecorded });
  await balloons.giveBack([subject]);
  await balloons.restore(() => where, destination);
  return events;
}

describe('Balloons', () => {
  it.each([
    ['source', 'balloon 100'],
    ['destination', 'at there null 100'],
  ] as const)('give a domain its memory again at its %s', async (where, restored) => {
    const web = domain('web', 40 * MiB);
    expect(await run(web.domain, where)).toEqual([
      { type: 'balloon', domain: 'web', fromBytes: 100 * MiB, toBytes: 42 * MiB, reason: '58 % of its memory is free' },
    ]);
    expect(web.calls).toEqual(['balloon 42', restored]);
  });

  it('leave a guest that grows what it will need', async () => {
    let now = 0;
    const later = { now: () => now, pause: async () => {} };
    const used = { bytes: 40 * MiB };
    const web = domain('web', 40 * MiB);
    Object.assign(web.domain, { usedBytes: async () => used.bytes });
    const balloons = new Balloons(() => {}, { clock: later, balloons: unrecorded });
    await balloons.lookAhead([web.domain]);
    now = 2;
    used.bytes = 42 * MiB;
    await balloons.giveBack([web.domain], 20);
    expect(web.calls).toEqual(['balloon 62']);
  });

  it('record what a domain had before they take anything, until it has it again', async () => {
    const web = domain('web', 40 * MiB);
    const record = {
      write: async (domains: readonly unknown[]) => {
        web.calls.push(`write ${JSON.stringify(domains)}`);
      },
      remove: async () => {
        web.calls.push('remove');
      },
    };
    const balloons = new Balloons(() => {}, { clock, balloons: record });
    await balloons.giveBack([web.domain, domain('db', null).domain]);
    await balloons.restore(() => 'source', destination);
    expect(web.calls).toEqual([
      `write [{"reference":"process:web","presentBytes":${100 * MiB}}]`,
      'balloon 42',
      'balloon 100',
      'remove',
    ]);
  });

  it('never ask for more memory than a domain may have, though some pages are present beyond that', async () => {
    const web = domain('web', 40 * MiB, { memoryBytes: 99 * MiB });
    await run(web.domain, 'destination');
    expect(web.calls).toEqual(['balloon 42', 'at there null 99']);
  });

  it('leave a domain alone whose place is unknown', async () => {
    const web = domain('web', 40 * MiB);
    await run(web.domain, 'unknown');
    expect(web.calls).toEqual(['balloon 42']);
  });

  it('say once, and do nothing, where nobody says what is free', async () => {
    const web = domain('web', null);
    expect(await run(web.domain, 'destination')).toEqual([
      { type: 'balloon-skipped', domain: 'web', reason: 'no agent in the guest says how much of its memory is free' },
    ]);
    expect(web.calls).toEqual([]);
  });

  it('leave a domain as it is that has nothing to give', async () => {
    const web = domain('web', 99 * MiB);
    expect(await run(web.domain, 'destination')).toEqual([]);
    expect(web.calls).toEqual([]);
  });

  it.each(['source', 'destination'] as const)(
    'tell, and no more, when memory cannot be given again at the %s',
    async (where) => {
      const web = domain('web', 40 * MiB, { failing: true });
      expect((await run(web.domain, where)).at(-1)).toEqual({
        type: 'balloon-skipped',
        domain: 'web',
        reason: 'no route to host',
      });
    },
  );
});
