import { afterAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { type HostNumber, inDom0, json } from '../support/hosts.ts';
import { drive } from '../support/migration.ts';

interface Listed {
  readonly domains: readonly { readonly name: string; readonly kind: string; readonly presentBytes: number }[];
}

async function presentBytes(name: string, host: HostNumber): Promise<number> {
  return (await json<Listed>(host, 'list')).domains.find((domain) => domain.name === name)!.presentBytes;
}

/** What the guest is asked to have, in KiB. */
async function targetKiB(name: string, host: HostNumber): Promise<number> {
  return Number(await inDom0(host, `xenstore-read /local/domain/$(xl domid ${name})/memory/target`));
}

describe('a guest whose kernel does not follow its memory target', () => {
  afterAll(() => endGuests('stubborn'));

  it('moves with all the memory that it holds, and keeps the target that it had', async () => {
    await startedGuest('stubborn', { balloons: false });
    const before = await guestSays('stubborn', 1);
    const target = await targetKiB('stubborn', 1);
    const presentBefore = await presentBytes('stubborn', 1);
    const { outcome, events } = await drive(['stubborn'], { options: { strategy: 'oba+mo' } });
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
    // Nothing was given back, so nothing else may be said.
    expect(events.filter((event) => event.type === 'balloon')).toEqual([]);
    expect(events.find((event) => event.type === 'balloon-skipped')?.reason).toMatch(/has not given any memory back/);
    await expectAlive('stubborn', 2, before);
    expect(await presentBytes('stubborn', 2)).toBeGreaterThanOrEqual(presentBefore * 0.99);
    expect(await targetKiB('stubborn', 2)).toBe(target);
  });
});

describe('a guest that has free memory', () => {
  afterAll(() => endGuests('roomy', 'silent'));

  it('gives it back before round 0, and has it again after the commit', async () => {
    await startedGuest('roomy', { memoryMiB: 192, wssMiB: 8 });
    const before = await guestSays('roomy', 1);
    const presentBefore = await presentBytes('roomy', 1);
    const { outcome, events } = await drive(['roomy'], { options: { strategy: 'oba+mo' } });
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
    const balloon = events.find((event) => event.type === 'balloon')!;
    const round0 = events.find((event) => event.type === 'round')!;
    const sent =
      round0.round.sentPages + round0.round.zeroPages + round0.round.skippedPages + round0.round.deferredPages;
    console.log(
      `ballooned from ${(balloon.fromBytes / 2 ** 20).toFixed(0)} to ${(balloon.toBytes / 2 ** 20).toFixed(0)} MiB; round 0 dealt ` +
        `with ${sent} pages, ${Math.round((balloon.fromBytes - balloon.toBytes) / 4096)} were given back`,
    );
    expect(balloon.toBytes).toBeLessThan(balloon.fromBytes);
    expect(sent * 4096).toBeLessThanOrEqual(balloon.toBytes * 1.02);
    await expectAlive('roomy', 2, before);
    expect(await presentBytes('roomy', 2)).toBeGreaterThanOrEqual(presentBefore * 0.98);
  });

  it('has it again at its source after an abort', async () => {
    const before = await guestSays('roomy', 2);
    const presentBefore = await presentBytes('roomy', 2);
    const { outcome } = await drive(['roomy'], {
      from: 2,
      at: [{ type: 'round', round: 0, abort: 'the test says so' }],
    });
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source' });
    await expectAlive('roomy', 2, before);
    expect(await presentBytes('roomy', 2)).toBeGreaterThanOrEqual(presentBefore * 0.98);
  });

  // Ballooned down and given more, and as it is and given less: each while its pages are on their way.
  it.each([
    ['equal', 192],
    ['oba', 120],
  ] as const)(
    'is left where it is, and as it was told, when under %s its target is set to %i MiB during rounds',
    async (strategy, MiB) => {
      const before = await guestSays('roomy', 2);
      const { outcome } = await drive(['roomy'], {
        from: 2,
        options: { strategy, stopRule: 'xen-legacy', linkBytesPerSecond: 4e6 },
        at: [{ type: 'round', round: 0, run: `xl mem-set roomy ${MiB}m` }],
      });
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ where: 'source' });
      expect(outcome.outcome).not.toBe('committed');
      expect(outcome.reason).toMatch(/memory target of roomy/);
      await expectAlive('roomy', 2, before);
      expect(await targetKiB('roomy', 2)).toBe(MiB * 1024);
      expect(Math.abs((await presentBytes('roomy', 2)) / 2 ** 20 - MiB)).toBeLessThanOrEqual(2);
    },
  );

  it('moves with what it has by then when it hardly gets the CPU to give memory back, and has all of it again', async () => {
    const before = await guestSays('roomy', 2);
    const [target, presentBefore] = [await targetKiB('roomy', 2), await presentBytes('roomy', 2)];
    // Five per cent of a CPU, until its memory is on its way: suspending itself would take it as long.
    await inDom0(2, 'xl sched-credit2 -d roomy -c 5');
    const { outcome, events } = await drive(['roomy'], {
      from: 2,
      options: { strategy: 'equal' },
      at: [{ type: 'state', state: 'precopy', run: 'xl sched-credit2 -d roomy -c 0' }],
    });
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
    const balloon = events.find((event) => event.type === 'balloon');
    console.log(`with 5 % of a CPU: ballooned to ${((balloon?.toBytes ?? presentBefore) / 2 ** 20).toFixed(0)} MiB`);
    await expectAlive('roomy', 1, before);
    expect(await targetKiB('roomy', 1)).toBe(target);
    expect(await presentBytes('roomy', 1)).toBeGreaterThanOrEqual(presentBefore * 0.98);
  });

  it('keeps it where no agent in the guest tells how much is free, and that is said once', async () => {
    await startedGuest('silent', { memoryMiB: 96, wssMiB: 4, settings: { agent: 0 } });
    const { outcome, events } = await drive(['silent']);
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
    expect(events.filter((event) => event.type === 'balloon')).toEqual([]);
    expect(events.filter((event) => event.type === 'balloon-skipped')).toHaveLength(1);
  });
});
