import { afterAll, describe, expect, it } from 'vitest';
import type { GroupReport } from '../../../src/report/json.ts';
import { endGuests, expectAlive, type GuestSays, guestSays, startedGuest } from '../support/guest.ts';
import { wan } from '../support/hosts.ts';
import { drive, migrate } from '../support/migration.ts';

const tiers = {
  web: { pagesPerSecond: 200, wssMiB: 4 },
  app: { pagesPerSecond: 400, wssMiB: 6 },
  db: { pagesPerSecond: 700, wssMiB: 8 },
};
const names = Object.keys(tiers) as (keyof typeof tiers)[];

describe('three guests over a link of 40 Mbit/s and 20 ms', () => {
  afterAll(async () => {
    await wan('off');
    await endGuests(...names);
  });

  it('start at the destination together under oba+mo, and one after another under ns', async () => {
    const before = new Map<string, GuestSays>();
    await Promise.all(names.map((name) => startedGuest(name, { memoryMiB: 96, ...tiers[name] })));
    for (const name of names) before.set(name, await guestSays(name, 1));
    await wan('40mbit', '20ms');
    const { outcome, events } = await drive(names, {
      options: { linkBytesPerSecond: 40e6 / 8, strategy: 'oba+mo', profileMs: 2000 },
    });
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ outcome: 'committed', where: 'destination' });
    // One clock, the source's, bounds all starts: none is before COMMIT was recorded, for "go" is sent after that, and
    // each is before its receiver's report arrived.
    const told = events.find((event) => event.type === 'decision' && event.decision === 'COMMIT')!.atMs;
    const reports = events.filter((event) => event.type === 'state' && event.state === 'committed');
    expect(reports).toHaveLength(names.length);
    const startsWithinMs = Math.max(...reports.map(({ atMs }) => atMs)) - told;
    for (const name of names) before.set(name, await expectAlive(name, 2, before.get(name)!));

    const ns = await migrate(names, { from: 2, link: '40Mbit/s', strategy: 'ns', more: ['--skip-preflight'] });
    expect(ns.outcome, JSON.stringify(ns)).toBe('committed');
    for (const name of names) await expectAlive(name, 1, before.get(name)!);

    table({ 'oba+mo': outcome as unknown as GroupReport, ns });
    console.log(
      `oba+mo: all starts lie within ${startsWithinMs.toFixed(0)} ms (from COMMIT to the last report, source's clock)`,
    );
    expect(startsWithinMs).toBeLessThanOrEqual(500);
    expect(outcome.unsynchronisedMs).toBeLessThan(ns.unsynchronisedMs / 10);
  }, 900_000);
});

function table(reports: Readonly<Record<string, GroupReport>>): void {
  const base = reports.ns!;
  console.log('strategy  completion      traffic     downtime    unsynchronised  (ratio to ns)');
  for (const [strategy, { completionMs, trafficBytes, downtimeMs, unsynchronisedMs }] of Object.entries(reports)) {
    const cell = (value: number, unit: string, ratio: number) => `${value.toFixed(1)} ${unit} (×${ratio.toFixed(2)})`;
    console.log(
      [
        strategy.padEnd(8),
        cell(completionMs / 1000, 's', completionMs / base.completionMs),
        cell(trafficBytes / 1e6, 'MB', trafficBytes / base.trafficBytes),
        cell(downtimeMs / 1000, 's', downtimeMs / base.downtimeMs),
        cell(unsynchronisedMs / 1000, 's', unsynchronisedMs / base.unsynchronisedMs),
      ].join('  '),
    );
  }
}
