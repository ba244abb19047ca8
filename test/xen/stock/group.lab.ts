import { afterAll, describe, expect, it } from 'vitest';
import type { GroupReport } from '../../../src/report/json.ts';
import { endGuests, expectAlive, type GuestSays, guestSays, startedGuest } from '../support/guest.ts';
import { address, inDom0, install, wan } from '../support/hosts.ts';
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
    await Promise.all(names.map(async (name) => before.set(name, await guestSays(name, 1))));
    await wan('40mbit', '20ms');
    const [{ outcome }, starts] = await Promise.all([moveTogether(), startsSeen()]);
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ outcome: 'committed', where: 'destination' });
    await Promise.all(names.map(async (name) => before.set(name, await expectAlive(name, 2, before.get(name)!))));

    const ns = await migrate(names, { from: 2, link: '40Mbit/s', strategy: 'ns', more: ['--skip-preflight'] });
    expect(ns.outcome, JSON.stringify(ns)).toBe('committed');
    await Promise.all(names.map((name) => expectAlive(name, 1, before.get(name)!)));

    table({ 'oba+mo': outcome as unknown as GroupReport, ns });
    // No two started further apart than this, by the clock of the host on which they started.
    const { waitsMs, runsMs } = spread(starts);
    console.log(`oba+mo: all start within ${(runsMs - waitsMs).toFixed(0)} ms on the clock of the host they start on`);
    expect(waitsMs, 'there was a look before the first start').toBeGreaterThan(0);
    expect(runsMs - waitsMs).toBeLessThanOrEqual(500);
    expect(outcome.unsynchronisedMs).toBeLessThan(ns.unsynchronisedMs / 10);
  }, 900_000);
});

async function moveTogether() {
  return await drive(names, {
    options: { linkBytesPerSecond: 40e6 / 8, strategy: 'oba+mo', profileMs: 2000 },
    at: [{ type: 'decision', decision: 'STOP', run: `lab-rsh ${address[2]} touch /run/lab/stopping` }],
  });
}

interface Start {
  readonly waitsMs: number;
  readonly runsMs: number;
}

/** Between which looks each guest started at the destination, by that host's clock (starts.mjs). */
async function startsSeen(): Promise<Record<string, Start>> {
  const script = await install(2, 'starts.mjs');
  return JSON.parse(await inDom0(2, `rm -f /run/lab/stopping; timeout 300 node ${script} ${names.join(' ')}`));
}

/** From the last look at which none ran to the first at which all did. */
function spread(starts: Readonly<Record<string, Start>>): Start {
  const all = Object.values(starts);
  return {
    waitsMs: Math.min(...all.map(({ waitsMs }) => waitsMs)),
    runsMs: Math.max(...all.map(({ runsMs }) => runsMs)),
  };
}

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
