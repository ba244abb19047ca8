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
    await inDom0(2, 'xl destroy roomy');
  });

  it('keeps it where no agent in the guest tells how much is free, and that is said once', async () => {
    await startedGuest('silent', { memoryMiB: 96, wssMiB: 4, settings: { agent: 0 } });
    const { outcome, events } = await drive(['silent']);
    expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
    expect(events.filter((event) => event.type === 'balloon')).toEqual([]);
    expect(events.filter((event) => event.type === 'balloon-skipped')).toHaveLength(1);
  });
});
