import { describe, expect, it } from 'vitest';
import { askReceiver, migrate, openDomain, openReceiver } from '../../src/index.ts';
import { busy, eventually, MiB, namesIn, sites, stillWorks } from '../support/sites.ts';

describe('migrate', () => {
  it('moves a running guest: it works on at the destination with all its memory, and is gone from the source', async () => {
    const { here, there, start, receive, arrived, journalFolder } = sites();
    const web = await start('web', busy(1));
    const before = web.info();
    const { result } = migrate(web, { to: receive().address, journalFolder });
    const outcome = await result;

    expect(outcome).toMatchObject({ outcome: 'committed', where: 'destination', error: null, reason: null });
    expect(outcome.domains[0]).toMatchObject({ name: 'web', where: 'destination', pages: 4096 });
    expect(namesIn(here)).toEqual([]);
    expect(namesIn(there)).toEqual(['web']);
    const moved = arrived('web');
    expect(await stillWorks(moved)).toBe(true);
    expect(moved.info().uuid).toBe(before.uuid);
    expect(moved.info().writes).toBeGreaterThanOrEqual(before.writes);
    expect(await moved.verify()).toMatchObject({ intact: true, badPages: 0 });
  });

  it('moves an idle guest in one round and the final copy', async () => {
    const { start, receive, arrived, journalFolder } = sites();
    const idle = await start('idle');
    const outcome = await migrate(idle, { to: receive().address, journalFolder }).result;
    expect(outcome.outcome).toBe('committed');
    expect(outcome.domains[0]!.rounds).toBeLessThanOrEqual(3);
    expect(outcome.trafficBytes).toBeGreaterThan(15 * MiB);
    expect(outcome.trafficBytes).toBeLessThan(18 * MiB);
    expect(await arrived('idle').verify()).toMatchObject({ intact: true });
  });

  it('iterates over the rounds, the last of which is the stop-and-copy', async () => {
    const { start, receive, journalFolder } = sites();
    const run = migrate(await start('web', busy(2)), { to: receive().address, journalFolder });
    const rounds = [];
    for await (const round of run) rounds.push(round);
    expect((await run.result).outcome).toBe('committed');
    expect(rounds.map(({ round }) => round)).toEqual(rounds.map((_, index) => index));
    expect(rounds[0]!.sentPages + rounds[0]!.zeroPages + rounds[0]!.skippedPages).toBe(4096);
    expect(rounds.at(-1)!.kind).toBe('stop-and-copy');
  });

  it('ends as aborted, with the guest at work on the source, when the signal fires', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    const web = await start('web', busy(3));
    const stop = new AbortController();
    const run = migrate(web, { to: receive().address, bytesPerSecond: 2 * MiB, signal: stop.signal, journalFolder });
    await eventually(() => run.status().sentBytes > 0, 'the migration is under way');
    stop.abort(new Error('changed my mind'));
    expect(await run.result).toMatchObject({
      outcome: 'aborted',
      where: 'source',
      reason: 'changed my mind',
      error: null,
    });
    expect(await stillWorks(web)).toBe(true);
    expect(namesIn(here)).toEqual(['web']);
    await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copy');
    expect(await web.verify()).toMatchObject({ intact: true });
  });

  it('refuses a signal that has fired already, before anything has happened', async () => {
    const { start } = sites();
    const web = await start('web');
    const gone = AbortSignal.abort(new Error('too late'));
    expect(() => migrate(web, { to: '127.0.0.1:9', signal: gone })).toThrow('too late');
  });

  it('aborts when the run is disposed of', async () => {
    const { start, receive, journalFolder } = sites();
    const web = await start('web', busy(4));
    const run = migrate(web, { to: receive().address, bytesPerSecond: 2 * MiB, journalFolder });
    await run[Symbol.asyncDispose]();
    expect(await run.result).toMatchObject({ outcome: 'aborted', where: 'source' });
    expect(await stillWorks(web)).toBe(true);
  });

  it('takes a new rate in the middle of a round', async () => {
    const { start, receive, journalFolder } = sites();
    const web = await start('web', busy(8));
    // At a page a second it would take hours.
    const run = migrate(web, { to: receive().address, bytesPerSecond: 4096, journalFolder });
    expect(() => run.setRate(0)).toThrow(/must be more than 0/);
    await eventually(() => run.status().sentBytes > 0, 'the migration is under way');
    run.setRate(400 * MiB);
    expect(await run.result).toMatchObject({ outcome: 'committed' });
  });

  it('says where the guest is when nobody listens at the destination', async () => {
    const { here, start, journalFolder } = sites();
    const web = await start('web', busy(5));
    const outcome = await migrate(web, { to: '127.0.0.1:9', journalFolder }).result;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER', domain: 'web', where: 'source' });
    expect(namesIn(here)).toEqual(['web']);
    expect(await stillWorks(web)).toBe(true);
  });

  it('moves a guest there and back again without a lost page', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    await start('web', busy(6));
    const away = receive();
    const home = openReceiver({ registry: here, maxMemoryBytes: 256 * MiB });
    try {
      let writes = 0;
      for (let trip = 0; trip < 4; trip++) {
        const registry = trip % 2 === 0 ? here : there;
        const to = trip % 2 === 0 ? away.address : home.address;
        const domain = openDomain('web', { registry });
        expect((await migrate(domain, { to, journalFolder }).result).outcome).toBe('committed');
        await domain.close();
        const now = openDomain('process:web', { registry: trip % 2 === 0 ? there : here });
        expect(now.info().writes).toBeGreaterThanOrEqual(writes);
        writes = now.info().writes;
        expect(await now.verify()).toMatchObject({ intact: true });
        await now.close();
      }
      expect(namesIn(there)).toEqual([]);
    } finally {
      await home.close();
    }
  });

  it('moves a guest within one registry, where its copy waits under another name', async () => {
    const { here, start, journalFolder } = sites();
    const web = await start('web', busy(7));
    const receiver = openReceiver({ registry: here, maxMemoryBytes: 256 * MiB });
    try {
      expect((await migrate(web, { to: receiver.address, journalFolder }).result).outcome).toBe('committed');
      expect(namesIn(here)).toEqual(['web']);
      const moved = openDomain('web', { registry: here });
      expect(await moved.verify()).toMatchObject({ intact: true });
      await moved.close();
    } finally {
      await receiver.close();
    }
  });

  it('asks a receiver what became of a domain, and is told before, during and after', async () => {
    const { start, receive, arrived, journalFolder } = sites();
    const web = await start('web', busy(5));
    const { uuid } = web.info();
    const { address: to } = receive();
    expect(await askReceiver({ to, name: 'web', uuid })).toBe('absent');
    const run = migrate(web, { to, bytesPerSecond: 2 * MiB, journalFolder });
    await eventually(async () => (await askReceiver({ to, name: 'web', uuid })) === 'held', 'it is being received');
    run.setRate(Infinity);
    expect((await run.result).outcome).toBe('committed');
    expect(await askReceiver({ to, name: 'web', uuid })).toBe('running');
    await arrived('web').destroy();
    expect(await askReceiver({ to, name: 'web', uuid })).toBe('gone');
  });

  it('says in one sentence why a question to a receiver has no answer', async () => {
    const uuid = 'a'.repeat(32);
    const { address: to } = sites().receive();
    const asking = (question: object) => askReceiver({ to, name: 'web', uuid, ...question });
    await expect(asking({ uuid: 'x' })).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_ARGUMENT', domain: 'web' });
    await expect(asking({ to: 'nowhere' })).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_ARGUMENT' });
    await expect(asking({ to: '127.0.0.1:1' })).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_PEER' });
  });
});
