import { describe, expect, it } from 'vitest';
import type { GroupEvent } from '../../../src/arbitrate/group-event.ts';
import type { Domain } from '../../../src/domains/domain.ts';
import type { Where } from '../../../src/errors.ts';
import { Balloons } from '../../../src/migrate/balloons.ts';

const MiB = 2 ** 20;
/** What a Xen guest has more than its target once it has got there. */
const few = 26 * 4096;
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

/** A Xen guest that goes to `reach` and no further, whatever its target is. */
function xenGuest(name: string, { presentBytes = 96 * MiB + few, targetBytes = 96 * MiB, reach = 0 } = {}) {
  const memory = { presentBytes, targetBytes, memoryBytes: 96 * MiB };
  const calls: string[] = [];
  const fake = {
    name,
    kind: 'xen',
    reference: `xen:${name}`,
    info: () => ({ ...memory }),
    usedBytes: async () => 40 * MiB,
    balloon: async (bytes: number) => {
      calls.push(`balloon ${bytes / MiB}`);
      Object.assign(memory, { targetBytes: bytes, presentBytes: Math.max(bytes + few, reach) });
      return memory.presentBytes;
    },
    holdMemory: async () => {
      calls.push('hold');
      if (Math.abs(memory.presentBytes - memory.targetBytes) > MiB) memory.targetBytes = memory.presentBytes;
      return { ...memory };
    },
    restoreMemoryAt: async (_to: string, _ssh: string | null, bytes: number) => {
      calls.push(`there ${bytes / MiB}`);
    },
  };
  return { calls, memory, domain: fake as unknown as Domain };
}

/** Ballooned or not, held, left to `meanwhile`, and given its memory again. */
async function moved(guest: ReturnType<typeof xenGuest>, where: Where, { balloon = true, meanwhile = () => {} } = {}) {
  const events: GroupEvent[] = [];
  const written: unknown[] = [];
  const record = { write: async (domains: unknown) => void written.push(domains), remove: async () => {} };
  const balloons = new Balloons((event) => events.push(event), { clock, balloons: record });
  if (balloon) await balloons.giveBack([guest.domain]);
  await balloons.hold([guest.domain]);
  meanwhile();
  await balloons.restore(() => where, destination);
  return { events, written };
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

describe('Balloons around a Xen guest', () => {
  it('say so when its kernel has given nothing back, and move it with what it has', async () => {
    const web = xenGuest('web', { reach: 96 * MiB + few });
    const { events } = await moved(web, 'destination');
    expect(events).toEqual([
      {
        type: 'balloon-skipped',
        domain: 'web',
        reason:
          'asked to do with 42 MiB of 96.1 MiB, its kernel has not given any memory back, and it moves with what it has',
      },
    ]);
    expect(web.calls).toEqual(['balloon 42', 'hold', 'there 96']);
  });

  it('give it again what it was on its way to before, though nothing was taken', async () => {
    const web = xenGuest('web', { targetBytes: 64 * MiB });
    const { events, written } = await moved(web, 'destination', { balloon: false });
    expect(web.calls).toEqual(['hold', 'there 64']);
    expect(written).toEqual([[{ reference: 'xen:web', presentBytes: 64 * MiB }]]);
    expect(events).toEqual([]);
  });

  it('do nothing to one that has got to its target, and record nothing', async () => {
    const web = xenGuest('web');
    expect(await moved(web, 'source', { balloon: false })).toEqual({ events: [], written: [] });
    expect(web.calls).toEqual(['hold']);
  });

  it('leave it the target that another program has set while it was moved', async () => {
    const web = xenGuest('web');
    const { events } = await moved(web, 'source', {
      meanwhile: () => {
        web.memory.targetBytes = 80 * MiB;
      },
    });
    expect(web.calls).toEqual(['balloon 42', 'hold']);
    expect(events.at(-1)).toEqual({
      type: 'balloon-skipped',
      domain: 'web',
      reason: 'another program has set its memory target to 80 MiB meanwhile, which is left as it is',
    });
  });

  it('tell how much it has again when that is not all', async () => {
    const web = xenGuest('web');
    const grow = web.domain.balloon;
    web.domain.balloon = async (bytes) => (bytes === 96 * MiB ? 60 * MiB : await grow(bytes));
    const { events } = await moved(web, 'source');
    expect(events.at(-1)).toMatchObject({
      type: 'balloon-skipped',
      reason: 'it has 60 MiB of its 96 MiB again so far, and the rest when its kernel takes it',
    });
  });
});
