import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GroupEvent, migrateGroup, openDomain, simulateGroup, strategies } from '../../src/index.ts';
import { busy, eventually, MiB, namesIn, sites, stillWorks } from '../support/sites.ts';

const names = ['web', 'app', 'db'];

describe('migrateGroup', () => {
  it.each(strategies.map(({ name }) => name))('%s brings every domain over, alive and intact', async (strategy) => {
    const { here, there, start, receive, arrived, journalFolder } = sites();
    const domains = [];
    for (const [index, name] of names.entries())
      domains.push(await start(name, { ...busy(index), usedBytes: 10 * MiB }));
    const run = migrateGroup(domains, {
      to: receive().address,
      linkBytesPerSecond: 40 * MiB,
      strategy,
      profileMs: 300,
      journalFolder,
    });
    const events: GroupEvent[] = [];
    for await (const event of run) events.push(event);
    const outcome = await run.result;
    expect(outcome).toMatchObject({ strategy, outcome: 'committed', where: 'destination' });
    expect(namesIn(here)).toEqual([]);
    expect(namesIn(there)).toEqual(['app', 'db', 'web']);
    for (const name of names) {
      const moved = arrived(name);
      expect(await stillWorks(moved)).toBe(true);
      expect(await moved.verify()).toMatchObject({ intact: true });
    }
    const { synchronised, balloon } = strategies.find((one) => one.name === strategy)!;
    const decisions = events.flatMap((event) => (event.type === 'decision' ? [event.decision] : []));
    expect(decisions).toEqual(synchronised ? ['STOP', 'COMMIT'] : names.flatMap(() => ['STOP', 'COMMIT']));
    expect(events.some(({ type }) => type === 'balloon')).toBe(balloon);
    if (balloon) expect(outcome.domains[0]!.pages).toBeLessThan(16 * 256);
    const { measured } = strategies.find((one) => one.name === strategy)!;
    expect(readdirSync(journalFolder)).toEqual(measured ? ['predictions.json'] : []);
    for (const { predicted } of outcome.domains) expect(predicted !== null).toBe(measured);
  });

  it('moves sixteen domains without a warning of any kind', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error) => warnings.push(warning.message);
    process.on('warning', warned);
    try {
      const { there, start, receive, journalFolder } = sites();
      const all = Array.from({ length: 16 }, (_, index) => `tier-${index}`);
      const domains = await Promise.all(all.map((name) => start(name, {}, MiB)));
      const signal = new AbortController().signal;
      const to = receive().address;
      const options = { to, linkBytesPerSecond: 100 * MiB, profileMs: 100, journalFolder, signal };
      expect(await migrateGroup(domains, options).result).toMatchObject({ outcome: 'committed' });
      expect(namesIn(there)).toHaveLength(16);
      const workload = { ...domains[0]!.info().workload, usedBytes: MiB };
      const simulated = all.map((name) => ({ name, memoryBytes: MiB, workload }));
      const { outcome } = await simulateGroup({ domains: simulated, linkBytesPerSecond: 100 * MiB });
      expect(outcome).toMatchObject({ outcome: 'committed' });
      // Node emits a warning in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', warned);
    }
  });

  it('says beforehand what each domain will cost, and learns from how far that was off', async () => {
    const { there, start, receive, journalFolder } = sites();
    const { address } = receive();
    const journeys = [];
    for (let journey = 0; journey < 4; journey++) {
      const web = await start('web', { ...busy(1), usedBytes: 10 * MiB });
      const run = migrateGroup([web], { to: address, linkBytesPerSecond: 40 * MiB, profileMs: 300, journalFolder });
      const { domains } = await run.result;
      journeys.push(domains[0]!);
      await openDomain('process:web', { registry: there }).destroy();
    }
    for (const { predicted, sentBytes } of journeys) {
      const { low, likely, high } = predicted!.trafficBytes;
      expect(low).toBeLessThan(likely);
      expect(likely).toBeLessThan(high);
      expect(Math.abs(Math.log(sentBytes / likely))).toBeLessThan(Math.log(3));
    }
    const log = JSON.parse(readFileSync(join(journalFolder, 'predictions.json'), 'utf8'));
    expect(log.map(({ key }: { key: string }) => key)).toEqual(Array(4).fill('turns converged'));
  });

  it('starts no guest at the destination before all are prepared', async () => {
    const { start, receive, journalFolder } = sites();
    const domains = [];
    for (const [index, name] of names.entries()) domains.push(await start(name, busy(index)));
    const run = migrateGroup(domains, {
      to: receive().address,
      linkBytesPerSecond: 40 * MiB,
      profileMs: 200,
      journalFolder,
    });
    const order: string[] = [];
    for await (const event of run) {
      if (event.type === 'state' && (event.state === 'prepared' || event.state === 'committed'))
        order.push(event.state);
    }
    expect((await run.result).outcome).toBe('committed');
    expect(order.slice(0, 3)).toEqual(['prepared', 'prepared', 'prepared']);
  });

  it('comes home as a whole when one destination refuses, and says why', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    const web = await start('web', busy(1));
    const db = await start('db', busy(2), 64 * MiB);
    const receiver = receive({ maxMemoryBytes: 32 * MiB });
    const outcome = await migrateGroup([web, db], {
      to: receiver.address,
      linkBytesPerSecond: 40 * MiB,
      profileMs: 200,
      journalFolder,
    }).result;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER_REFUSED', domain: 'db' });
    expect(namesIn(here)).toEqual(['db', 'web']);
    await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copies');
    for (const domain of [web, db]) {
      expect(await stillWorks(domain)).toBe(true);
      expect(domain.info().presentBytes).toBe(domain.info().memoryBytes);
    }
  });

  it('refuses before any guest is stopped when the pause would be over the budget', async () => {
    const { here, start, receive, journalFolder } = sites();
    const domains = [];
    for (const [index, name] of names.entries()) {
      const heavy = {
        ...busy(index),
        wwsBytes: 8 * MiB,
        hotBytes: 8 * MiB,
        hotWritesPerSecond: 8000,
        coldWritesPerSecond: 0,
      };
      domains.push(await start(name, heavy));
    }
    const run = migrateGroup(domains, {
      to: receive().address,
      linkBytesPerSecond: 20 * MiB,
      maxDowntimeMs: 5,
      profileMs: 200,
      journalFolder,
    });
    const states: string[] = [];
    for await (const event of run) if (event.type === 'state') states.push(event.state);
    const outcome = await run.result;
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source', refused: true });
    expect(outcome.reason).toMatch(/the predicted pause of \d+ ms is over the budget of 5 ms/);
    expect(states).not.toContain('stopping');
    expect(namesIn(here)).toEqual(['app', 'db', 'web']);
  });

  it('keeps the domains that one-after-another has moved, and says that only some have', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    const web = await start('web', busy(1));
    const db = await start('db', busy(2), 64 * MiB);
    const receiver = receive({ maxMemoryBytes: 32 * MiB });
    const outcome = await migrateGroup([web, db], {
      to: receiver.address,
      linkBytesPerSecond: 100 * MiB,
      strategy: 'ns',
      journalFolder,
    }).result;
    expect(outcome).toMatchObject({ outcome: 'partial', where: 'mixed' });
    expect(outcome.domains.map(({ name, where }) => [name, where])).toEqual([
      ['web', 'destination'],
      ['db', 'source'],
    ]);
    expect(namesIn(here)).toEqual(['db']);
    expect(namesIn(there)).toEqual(['web']);
  });

  it.each([
    [[], { to: '127.0.0.1:9', linkBytesPerSecond: 1e6 }, /no domain/],
    [['web'], { to: 'nowhere', linkBytesPerSecond: 1e6 }, /not HOST:PORT/],
    [['web'], { to: '127.0.0.1:9', linkBytesPerSecond: 1e6, maxDowntimeMs: 0 }, /maxDowntimeMs/],
    [['web'], { to: '127.0.0.1:9', linkBytesPerSecond: 1e6, profileMs: -1 }, /profileMs/],
    [['web'], { to: '127.0.0.1:9', linkBytesPerSecond: 0 }, /linkBytesPerSecond/],
    [['web'], { to: '127.0.0.1:9', linkBytesPerSecond: Number.NaN }, /linkBytesPerSecond/],
    [['web'], { to: '127.0.0.1:9', linkBytesPerSecond: 1e6, strategy: 'best' }, /no strategy called "best"/],
  ])('refuses %j %j', async (wanted, options, message) => {
    const { start } = sites();
    const domains = await Promise.all(wanted.map((name) => start(name)));
    expect(() => migrateGroup(domains, options as never)).toThrow(message);
  });

  it('refuses a domain that is named twice', async () => {
    const { start } = sites();
    const web = await start('web');
    const call = () => migrateGroup([web, web], { to: '127.0.0.1:9', linkBytesPerSecond: 1e6 });
    expect(call).toThrow('domain web is named twice');
  });
});
