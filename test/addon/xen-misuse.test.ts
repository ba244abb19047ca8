import { describe, expect, it } from 'vitest';
import { listDomains, openDomain, probeXen } from '../../src/index.ts';
import { native, saveProgram } from '../../src/native/load.ts';
import type { NativeXenMigrationOptions } from '../../src/native/migration-contract.ts';

const addon = native();
const xen = probeXen();

const migration = (changes: Partial<Record<keyof NativeXenMigrationOptions, unknown>> = {}) =>
  ({
    domid: 7,
    targetBytes: 0,
    engine: 'vmbuddies',
    saveProgram: saveProgram(),
    transport: ['false'],
    header: new Uint8Array(52),
    verify: false,
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
  }) as NativeXenMigrationOptions;

describe('the native boundary to Xen', () => {
  it.each(Object.keys(migration()) as (keyof NativeXenMigrationOptions)[])(
    'names the option when %s is missing or of the wrong kind',
    (key) => {
      for (const value of [undefined, null, {}, Symbol('s')]) {
        const call = () => addon.openXenMigration(migration({ [key]: value }));
        expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
        expect(call).toThrow(key);
      }
    },
  );

  it.each([
    ['domid', 0],
    ['domid', 0x7ff0],
    ['domid', 1.5],
    ['targetBytes', -4096],
    ['engine', 'xl'],
    ['transport', []],
    ['transport', ['ssh', 5]],
    ['transport', ['ssh', 'a\0b']],
    ['header', new Uint16Array(4)],
    ['header', 'header'],
    ['bytesPerSecond', 0],
    ['connectTimeoutSeconds', 0],
    ['stopRule', 'never'],
  ])('refuses %s = %s', (key, value) => {
    expect(() => addon.openXenMigration(migration({ [key]: value }))).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }),
    );
  });

  it('takes every command before a migration is run and after it has failed', async () => {
    const handle = addon.openXenMigration(migration());
    const poke = () => {
      handle.setRate(1e6);
      handle.catchUp();
      handle.stopAndCopy();
      handle.commit();
    };
    poke();
    await expect(handle.run(() => {})).rejects.toMatchObject({ where: 'source' });
    poke();
    handle.abort();
    expect(() => handle.run(() => {})).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_STATE' }));
  });
});

describe.skipIf(xen.usable)('a machine without Xen', () => {
  it('says in one sentence what is missing', () => {
    expect(xen).toEqual({ usable: false, reason: expect.stringMatching(/^\S.*\S$/), version: '' });
  });

  it.each([
    ['listing', () => addon.listXenDomains()],
    ['opening', () => addon.openXenDomain('web')],
    ['opening by reference', () => openDomain('xen:web')],
  ])('refuses %s with that reason', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_UNAVAILABLE', message: xen.reason }));
  });

  it('refuses a migration with that reason, and the guest is where it was', async () => {
    await expect(addon.openXenMigration(migration()).run(() => {})).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_UNAVAILABLE',
      message: xen.reason,
      where: 'source',
    });
  });

  it('lists its process domains all the same', () => {
    expect(listDomains().every(({ kind }) => kind === 'process')).toBe(true);
  });
});
