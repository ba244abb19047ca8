import { describe, expect, it } from 'vitest';
import { guestProgram, native } from '../../src/native/load.ts';
import type { NativeMigrationOptions } from '../../src/native/migration-contract.ts';
import { MiB, sites } from '../support/sites.ts';

const addon = native();
const garbage = [undefined, null, 0, -1, 1.5, Number.NaN, '/dev/null/x', {}, [], () => {}, Symbol('s'), 10n, 'a\0b'];

const migration = (registry: string, changes: Partial<Record<keyof NativeMigrationOptions, unknown>> = {}) =>
  ({
    registry,
    domain: 'web',
    host: '127.0.0.1',
    port: 9,
    tracker: 'auto',
    secret: null,
    stopRule: 'converged',
    downtimeSeconds: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    holdAtStart: false,
    holdAtSynchropoint: false,
    holdWhenPrepared: false,
    suspendTimeoutSeconds: 5,
    maxPauseSeconds: 0,
    connectTimeoutSeconds: 5,
    stallTimeoutSeconds: 5,
    ...changes,
  }) as NativeMigrationOptions;

describe('the native boundary', () => {
  it('throws, and never crashes, on arguments of any kind', async () => {
    const { here } = sites();
    const calls = [
      addon.listDomains,
      addon.startDomain,
      addon.openDomain,
      addon.replayDigest,
      addon.openMigration,
      addon.openReceiver,
      addon.evaluateStopRule,
      addon.trafficLeft,
      addon.probeXen,
      addon.listXenDomains,
      addon.openXenDomain,
      addon.openXenMigration,
    ];
    for (const call of calls as ((...args: unknown[]) => unknown)[]) {
      for (const first of garbage) {
        for (const second of garbage) {
          let result: unknown;
          try {
            result = call(first, second);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            continue;
          }
          await Promise.resolve(result).catch((error) => expect(error).toBeInstanceOf(Error));
        }
      }
    }
    expect(addon.listDomains(here)).toEqual([]);
  });

  it.each(Object.keys(migration('')) as (keyof NativeMigrationOptions)[])(
    'names the option when %s is missing or of the wrong kind',
    (key) => {
      for (const value of [undefined, null, {}, Symbol('s')]) {
        if (key === 'secret' && value === null) continue; // null is "not given"
        const call = () => addon.openMigration(migration('/tmp', { [key]: value }));
        expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
        expect(call).toThrow(key);
      }
    },
  );

  it.each([
    ['port', 0],
    ['port', 70_000],
    ['bytesPerSecond', 0],
    ['bytesPerSecond', -5],
    ['bytesPerSecond', Number.NaN],
    ['suspendTimeoutSeconds', 0],
    ['stallTimeoutSeconds', Number.POSITIVE_INFINITY],
    ['stopRule', 'never'],
  ])('refuses %s = %s', (key, value) => {
    expect(() => addon.openMigration(migration('/tmp', { [key]: value }))).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }),
    );
  });

  it('runs a migration once only', async () => {
    const { here } = sites();
    const handle = addon.openMigration(migration(here));
    const first = handle.run(() => {});
    expect(() => handle.run(() => {})).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_STATE' }));
    await expect(first).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND', where: 'source' });
  });

  it('takes every command in every state, any number of times', async () => {
    const { here, start, receive } = sites();
    await start('web');
    const handle = addon.openMigration(migration(here, { port: receive().port }));
    const poke = () => {
      handle.setRate(50 * MiB);
      handle.stopAndCopy();
      handle.commit();
    };
    poke();
    const done = handle.run(poke);
    poke();
    expect(await done).toMatchObject({ state: 'committed' });
    poke();
    handle.abort();
    handle.abort();
  });

  it('ends as aborted when the abort comes before the run', async () => {
    const { here, start, receive } = sites();
    const web = await start('web');
    const handle = addon.openMigration(migration(here, { port: receive().port }));
    handle.abort();
    expect(await handle.run(() => {})).toMatchObject({ state: 'aborted', where: 'source' });
    expect(web.info().state).toBe('running');
  });

  it('says which call came too late on a closed handle', async () => {
    const { here, start } = sites();
    await start('web');
    const handle = addon.openDomain(here, 'web');
    await handle.close();
    await handle.close();
    expect(() => handle.info()).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_STATE' }));
    for (const call of [
      () => handle.suspend(1),
      () => handle.resume(),
      () => handle.verify(1),
      () => handle.cleanDirtyLog(true),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_STATE' });
    }
  });

  it('keeps one dirty log per domain, and frees it with its owner', async () => {
    const { here, start } = sites();
    await start('web');
    const [first, second] = [addon.openDomain(here, 'web'), addon.openDomain(here, 'web')];
    await first.enableDirtyLog('auto');
    await expect(first.enableDirtyLog('auto')).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_STATE' });
    await expect(second.enableDirtyLog('auto')).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_DIRTY_LOG_BUSY' });
    await expect(second.peekDirtyLog(false)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_STATE' });
    await first.close();
    await second.enableDirtyLog('auto');
    expect((await second.cleanDirtyLog(true)).bitmap).toHaveLength(512);
    await second.close();
  });

  it('lets calls on one handle wait for each other', async () => {
    const { here, start } = sites();
    await start('web');
    const handle = addon.openDomain(here, 'web');
    const calls = Array.from({ length: 20 }, (_, index) => (index % 2 ? handle.resume() : handle.suspend(5)));
    await Promise.all(calls);
    await handle.resume();
    expect(handle.info().paused).toBe(false);
    await handle.close();
  });

  it('refuses to start what could never run', async () => {
    const { here } = sites();
    const workload = { ...(await idleWorkload(here)), usedPages: 4096 };
    const options = { name: 'x', memoryBytes: 16 * MiB, workload, independent: false, guestProgram: guestProgram() };
    for (const [change, code] of [
      [{ name: '../x' }, 'ARGUMENT'],
      [{ name: '' }, 'ARGUMENT'],
      [{ memoryBytes: 4097 }, 'ARGUMENT'],
      [{ memoryBytes: 2 ** 53 }, 'ARGUMENT'],
      [{ workload: { ...workload, usedPages: 2 ** 40 } }, 'ARGUMENT'],
      [{ workload: { ...workload, wwsPages: 10, hotPages: 11 } }, 'ARGUMENT'],
      [{ workload: { ...workload, kind: 'steady', hotWritesPerSecond: Number.NaN } }, 'ARGUMENT'],
      [{ guestProgram: '/nonexistent/guest' }, '(SYSTEM|UNAVAILABLE)'],
    ] as const) {
      await expect(addon.startDomain(here, { ...options, ...change } as never)).rejects.toMatchObject({
        code: expect.stringMatching(`^ERR_VMBUDDIES_${code}$`),
      });
    }
    expect(addon.listDomains(here)).toEqual([]);
  });
});

async function idleWorkload(registry: string) {
  const { start, here } = sites();
  await start('idle');
  const { workload } = addon.listDomains(here)[0]!;
  expect(registry).not.toBe(here);
  return workload;
}
