import { describe, expect, it } from 'vitest';
import { heldMigration } from '../support/held-migration.ts';
import { MiB, sites } from '../support/sites.ts';

const runs = Number(process.env.VMBUDDIES_RUNS ?? 50);
const baseSeed = Number(process.env.VMBUDDIES_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A small generator, so that one printed number gives the whole run again (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a migration is faithful', () => {
  it.each([
    ['auto', runs],
    ['compare', Math.min(runs, 10)],
  ])(
    `tracked by %s, in %i runs with random workloads, sizes and seeds (base seed ${baseSeed})`,
    async (tracker, count) => {
      for (let run = 0; run < count; run++) {
        const next = random(baseSeed + run);
        const megabytes = 2 + Math.floor(next() * 30);
        const wwsBytes = Math.max(1, Math.floor(next() * megabytes * 0.8 * 256)) * 4096;
        const hotBytes = Math.floor((next() * wwsBytes) / 2 / 4096) * 4096;
        const workload = {
          kind: (['steady', 'on-off', 'waves', 'idle'] as const)[Math.floor(next() * 4)]!,
          seed: Math.floor(next() * 2 ** 31),
          usedBytes: Math.floor(megabytes * (0.85 + next() * 0.15) * 256) * 4096,
          wwsBytes,
          hotBytes,
          hotWritesPerSecond: hotBytes > 0 ? next() * 8000 : 0,
          coldWritesPerSecond: next() * 3000,
          lowLevel: next(),
          periodMs: 100 + next() * 900,
          phase: next(),
        };
        const site = sites();
        const domain = await site.start('guest', workload, megabytes * MiB);
        const what = `run ${run}, base seed ${baseSeed}: ${JSON.stringify(workload)}`;
        const held = await heldMigration(site, 'guest', (20 + next() * 200) * MiB, tracker);
        expect(held.sourceDigest, `memory at the stop, ${what}`).toBe(held.destinationDigest);
        expect(held.replayDigest, `against a run that never migrated, ${what}`).toBe(held.destinationDigest);
        await held.commit();
        await domain.destroy();
        const moved = site.arrived('guest');
        await moved.suspend();
        expect(await held.digestAfter(), `final state, ${what}`).toBe(await held.replayAfter());
        await moved.resume();
        expect(await moved.verify(), what).toMatchObject({ intact: true });
        await moved.destroy();
      }
    },
    600_000,
  );
});
