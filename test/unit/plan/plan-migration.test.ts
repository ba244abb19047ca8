import { describe, expect, it } from 'vitest';
import type { PlanOptions } from '../../../src/plan/plan-migration.ts';
import { planMigration } from '../../../src/plan/plan-migration.ts';
import { applicationOf, MiB, steadyDomain } from './applications.ts';

const pair = applicationOf(
  steadyDomain('web', { usedBytes: 300 * MiB, noise: 0.1 }),
  steadyDomain('db', { d: 8e6, W: 200 * MiB, noise: 0.1 }),
);
const options: PlanOptions = { linkBytesPerSecond: 25e6, latencyMs: 5, runs: 5, strategies: ['ns', 'oba+mo'] };

describe('planMigration', () => {
  it('predicts each strategy on the same runs, and always the same for the same seed', async () => {
    const plan = await planMigration(pair, options);
    expect(plan.predictions.map(({ strategy, runs, committed }) => [strategy, runs, committed])).toEqual([
      ['ns', 5, 5],
      ['oba+mo', 5, 5],
    ]);
    const [alone, together] = plan.predictions;
    expect(together!.figures!.unsynchronisedMs.high).toBeLessThan(alone!.figures!.unsynchronisedMs.low);
    expect(await planMigration(pair, options)).toEqual(plan);
    expect(await planMigration(pair, { ...options, seed: 2 })).not.toEqual(plan);
  });

  it('takes all strategies unless told otherwise', async () => {
    const { predictions } = await planMigration(pair, { linkBytesPerSecond: 25e6, runs: 1 });
    expect(predictions).toHaveLength(8);
  });

  it('widens the intervals with the error of the write rates', async () => {
    const width = async (rateError: number) => {
      const { predictions } = await planMigration(pair, { ...options, strategies: ['oba+mo'], runs: 10, rateError });
      const { low, high } = predictions[0]!.figures!.trafficBytes;
      return high - low;
    };
    expect(await width(0.3)).toBeGreaterThan(2 * (await width(0)));
  });

  it('counts in what senders lose of a fast link, and connecting', async () => {
    const still = applicationOf(steadyDomain('web', { usedBytes: 400 * MiB, d: 0, W: 0 }));
    const completion = async (linkBytesPerSecond: number, kind: 'process' | 'xen' | 'sim') => {
      const { predictions } = await planMigration(still, { linkBytesPerSecond, kind, runs: 20, strategies: ['ns'] });
      return predictions[0]!.figures!.completionMs;
    };
    for (const [link, least, most] of [
      [5e6, 1, 1.03],
      [50e6, 1.04, 1.12],
      [100e6, 1.08, 1.25],
    ] as const) {
      const ratio = (await completion(link, 'process')).median / (await completion(link, 'sim')).median;
      expect(ratio).toBeGreaterThanOrEqual(least);
      expect(ratio).toBeLessThan(most);
    }
    const { low, high } = await completion(100e6, 'process');
    expect(high / low).toBeGreaterThan(1.1); // a busy machine sends less
    expect((await completion(100e6, 'xen')).low).toBeGreaterThan(low + 800);
  });

  it('says why a strategy would give up, and warns of it beforehand', async () => {
    const busy = applicationOf(steadyDomain('db', { d: 60e6, W: 400 * MiB }));
    const { predictions, warnings } = await planMigration(busy, {
      ...options,
      strategies: ['oba+mo'],
      maxDowntimeMs: 300,
    });
    expect(predictions[0]).toMatchObject({ committed: 0, figures: null });
    expect(predictions[0]!.reason).toMatch(/pause/);
    expect(warnings[0]).toMatchObject({ kind: 'long-pause', domain: 'db', budgetMs: 300 });
  });

  it('predicts about the pause that the simulated migration has', async () => {
    const busy = applicationOf(steadyDomain('db', { d: 60e6, W: 400 * MiB }));
    const { predictions, warnings } = await planMigration(busy, { ...options, strategies: ['oba+mo'], rateError: 0 });
    const [warning] = warnings;
    if (warning?.kind !== 'long-pause') throw new Error('no warning of a long pause');
    const { median } = predictions[0]!.figures!.downtimeMs;
    // It knows nothing of what senders lose of the link.
    expect(warning.pauseMs / median).toBeGreaterThan(0.85);
    expect(warning.pauseMs / median).toBeLessThan(1.1);
  });

  it.each([
    [{ linkBytesPerSecond: Number.POSITIVE_INFINITY }, 'linkBytesPerSecond'],
    [{ latencyMs: -1 }, 'latencyMs'],
    [{ runs: 0 }, 'runs'],
    [{ seed: 0.5 }, 'seed'],
    [{ rateError: Number.NaN }, 'rateError'],
    [{ maxDowntimeMs: 0 }, 'maxDowntimeMs'],
  ])('refuses %j by name', async (wrong, name) => {
    await expect(planMigration(pair, { ...options, ...wrong })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: expect.stringContaining(`${name} must be`) }),
    );
  });
});
