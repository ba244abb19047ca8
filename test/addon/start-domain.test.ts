import { describe, expect, it } from 'vitest';
import { migrateGroup, startDomain } from '../../src/index.ts';
import { MiB, sites } from '../support/sites.ts';

describe('startDomain', () => {
  it.each([
    ['idle', { wwsBytes: 0, hotBytes: 0, hotWritesPerSecond: 0, coldWritesPerSecond: 0 }],
    ['steady', { wwsBytes: 8 * MiB, hotBytes: 0.5 * MiB, hotWritesPerSecond: 2000, coldWritesPerSecond: 500 }],
    ['on-off', { wwsBytes: 8 * MiB, periodMs: 4000, lowLevel: 0.5, phase: 0, seed: 1 }],
    ['waves', { wwsBytes: 8 * MiB, periodMs: 4000, lowLevel: 0.5 }],
  ] as const)('makes a whole workload of the word %s, as the command does', async (kind, expected) => {
    const { start } = sites();
    const web = await start('web', { kind }, 20 * MiB);
    expect(web.info().workload).toMatchObject({ kind, ...expected });
  });

  it('lets a guest use three fifths of its memory unless it is told', async () => {
    const { here } = sites();
    const web = await startDomain({ registry: here, name: 'web', memoryBytes: 20 * MiB });
    expect(web.info().workload).toMatchObject({ kind: 'idle', usedBytes: 12 * MiB });
  });

  it('refuses a working set that does not fit, in pages', async () => {
    const { start } = sites();
    await expect(start('web', { kind: 'steady', wwsBytes: 30 * MiB }, 20 * MiB)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_ARGUMENT',
    });
  });
});

describe('a message', () => {
  it('tells sizes as people write them', async () => {
    const { start } = sites();
    const web = await start('web', { usedBytes: 8 * MiB }, 20 * MiB);
    await expect(web.balloon(4 * MiB)).rejects.toThrow('web can have from 8 MiB, which it uses, to 20 MiB, not 4 MiB.');
    await expect(start('db', {}, 4096)).rejects.toThrow(/from 1 MiB to below 16 TiB, not 4 KiB/);
  });

  it('names the option that is missing', async () => {
    const { start } = sites();
    const web = await start('web');
    const options = { linkBytesPerSecond: MiB } as Parameters<typeof migrateGroup>[1];
    expect(() => migrateGroup([web], options)).toThrow('to must be text, not undefined');
  });
});
