import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { vmbuddies } from '../support/hosts.ts';
import { drive, migrate } from '../support/migration.ts';

describe('a PV guest, on a hypervisor with shadow paging', () => {
  beforeAll(() => startedGuest('classic', { type: 'pv', memoryMiB: 96, wssMiB: 8, pagesPerSecond: 500 }));
  afterAll(() => endGuests('classic'));

  it('is measured', async () => {
    const { stdout, stderr, code } = await vmbuddies(1, 'measure', 'classic', '--for', '10s', '--json');
    expect(code, stderr).toBe(0);
    const rates = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { pagesPerSecond: number }).pagesPerSecond);
    console.log(`PV, 500 pages/s: measured ${rates.map((rate) => rate.toFixed(0)).join(', ')} pages/s`);
    expect(Math.max(...rates)).toBeGreaterThan(450);
  });

  for (const state of ['precopy', 'waiting', 'prepared'] as const) {
    it(`runs on at its source after an abort in ${state}`, async () => {
      const before = await guestSays('classic', 1);
      const { outcome } = await drive(['classic'], { at: [{ type: 'state', state, abort: 'the test says so' }] });
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ outcome: 'aborted', where: 'source' });
      await expectAlive('classic', 1, before);
    });
  }

  it('moves, by libxenguest', async () => {
    const before = await guestSays('classic', 1);
    const report = await migrate(['classic']);
    expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'committed', where: 'destination' });
    expect(report.domains[0]).toMatchObject({ kind: 'xen', engine: 'libxenguest' });
    console.log(
      `PV: ${(report.completionMs / 1000).toFixed(1)} s, pause ${report.downtimeMs.toFixed(0)} ms, ${(report.trafficBytes / 1e6).toFixed(1)} MB`,
    );
    await expectAlive('classic', 2, before);
  });
});
