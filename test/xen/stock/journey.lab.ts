import { afterAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { type HostNumber, other } from '../support/hosts.ts';
import { migrate } from '../support/migration.ts';

const journeys = Number(process.env.VMBUDDIES_JOURNEYS ?? 20);

describe('a PVH guest that travels between two Xen hosts', () => {
  afterAll(() => endGuests('traveller'));

  it(`keeps its memory and its count over ${journeys} migrations back and forth`, async () => {
    await startedGuest('traveller', { memoryMiB: 96, wssMiB: 4 });
    let host: HostNumber = 1;
    let says = await guestSays('traveller', host);
    const downtimes: number[] = [];
    for (let journey = 1; journey <= journeys; journey++) {
      const report = await migrate(['traveller'], { from: host, more: ['--skip-preflight', '--profile', '500ms'] });
      expect(report, `journey ${journey}: ${JSON.stringify(report)}`).toMatchObject({
        outcome: 'committed',
        where: 'destination',
      });
      expect(report.domains[0]).toMatchObject({ kind: 'xen', engine: 'vmbuddies' });
      downtimes.push(report.downtimeMs);
      host = other(host);
      says = await expectAlive('traveller', host, says);
    }
    downtimes.sort((a, b) => a - b);
    console.log(
      `${journeys} journeys: count ${says.count}, ${says.sweeps} sweeps, 0 corrupt; downtime median ` +
        `${downtimes[downtimes.length >> 1]!.toFixed(0)} ms, worst ${downtimes.at(-1)!.toFixed(0)} ms`,
    );
  }, 900_000);
});
