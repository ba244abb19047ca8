import { describe, expect, it } from 'vitest';
import { migrate } from '../../src/index.ts';
import { busy, eventually, MiB, namesIn, sites } from '../support/sites.ts';

describe('many migrations at once', () => {
  it('moves 24 guests at the same time, each intact', async () => {
    const { here, there, start, receive, arrived, journalFolder } = sites();
    const names = Array.from({ length: 24 }, (_, index) => `guest-${String(index).padStart(2, '0')}`);
    const domains = await Promise.all(
      names.map((name, index) => start(name, { ...busy(index), hotWritesPerSecond: 200 }, 8 * MiB)),
    );
    const { address } = receive();
    const outcomes = await Promise.all(domains.map((domain) => migrate(domain, { to: address, journalFolder }).result));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(names.map(() => 'committed'));
    expect(namesIn(here)).toEqual([]);
    expect(namesIn(there)).toEqual(names);
    for (const name of names) expect(await arrived(name).verify()).toMatchObject({ intact: true });
  });

  it('lets two migrations of one domain not get in each other’s way: the second is refused', async () => {
    const { start, receive, journalFolder } = sites();
    const web = await start('web', busy(1));
    const { address } = receive();
    const first = migrate(web, { to: address, bytesPerSecond: 4 * MiB, journalFolder });
    await eventually(() => (first.status()?.sentBytes ?? 0) > 0, 'the first sends pages');
    const second = await migrate(web, { to: address, journalFolder }).result;
    expect(second).toMatchObject({ outcome: 'failed', where: 'source', trafficBytes: 0 });
    expect(second.error).toMatchObject({ code: 'ERR_VMBUDDIES_STATE', domain: 'web' });
    expect(second.reason).toBe(`web is being moved: process ${process.pid} migrates web to ${address}.`);
    expect((await first.result).outcome).toBe('committed');
  });
});
