import { afterAll, describe, expect, it } from 'vitest';
import type { GroupReport } from '../../../src/report/json.ts';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { type HostNumber, other } from '../support/hosts.ts';
import { drive } from '../support/migration.ts';

describe('a guest that dirties its memory faster than the link carries it', () => {
  afterAll(() => endGuests('hot'));

  it('costs fewer bytes under converged than under xen-legacy, and no longer a pause', async () => {
    // 3000 pages/s are 12.3 MB/s; the link carries 6 MB/s.
    await startedGuest('hot', { memoryMiB: 96, wssMiB: 8, pagesPerSecond: 3000 });
    let host: HostNumber = 1;
    const reports: Record<string, Pick<GroupReport, 'trafficBytes' | 'downtimeMs' | 'completionMs'>> = {};
    for (const stopRule of ['xen-legacy', 'converged'] as const) {
      const before = await guestSays('hot', host);
      const options = { linkBytesPerSecond: 6e6, strategy: 'ns', stopRule } as const;
      const { outcome } = await drive(['hot'], { from: host, options });
      expect(outcome.outcome, JSON.stringify(outcome)).toBe('committed');
      host = other(host);
      await expectAlive('hot', host, before);
      reports[stopRule] = outcome;
      console.log(
        `${stopRule}: ${(outcome.trafficBytes / 1e6).toFixed(1)} MB, ${(outcome.completionMs / 1000).toFixed(1)} s, pause ` +
          `${outcome.downtimeMs.toFixed(0)} ms, ${outcome.domains[0]!.rounds} rounds (${outcome.domains[0]!.stopReason})`,
      );
    }
    const { converged, 'xen-legacy': legacy } = reports;
    console.log(
      `converged / xen-legacy: bytes ×${(converged!.trafficBytes / legacy!.trafficBytes).toFixed(2)}, pause ` +
        `×${(converged!.downtimeMs / legacy!.downtimeMs).toFixed(2)}`,
    );
    expect(converged!.trafficBytes).toBeLessThan(legacy!.trafficBytes);
    expect(converged!.downtimeMs).toBeLessThanOrEqual(legacy!.downtimeMs * 1.1);
  }, 600_000);
});
