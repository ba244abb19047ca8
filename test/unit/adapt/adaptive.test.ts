import { describe, expect, it } from 'vitest';
import { type SimulationOptions, simulateGroup } from '../../../src/simulate/simulation.ts';

const MiB = 2 ** 20;

/** Writes all over 300 MiB at 4 MiB/s; with a period, at a quarter of that in the first half of it. */
function domain(name: string, periodMs = 0) {
  return {
    name,
    memoryBytes: 512 * MiB,
    noise: 0.05,
    workload: {
      kind: periodMs > 0 ? ('on-off' as const) : ('steady' as const),
      seed: 1,
      usedBytes: 400 * MiB,
      wwsBytes: 300 * MiB,
      hotBytes: 0,
      hotWritesPerSecond: 0,
      coldWritesPerSecond: (4 * MiB) / 4096,
      lowLevel: 0.25,
      periodMs,
      phase: 0.5,
    },
  };
}

const run = (options: Partial<SimulationOptions> = {}) =>
  simulateGroup({
    domains: [domain('db', 300_000), domain('web')],
    strategy: 'oba+mo',
    linkBytesPerSecond: 12 * MiB,
    ...options,
  });

describe('a group whose loads change while it moves', () => {
  it('tells the phase that has begun at the end of the round in which it showed, and no other', async () => {
    const { outcome, events } = await run({ profileMs: 64_000 });
    expect(outcome.outcome).toBe('committed');
    const told = events.findIndex(({ event }) => event.type === 'phase');
    const { atMs, event } = events[told]!;
    expect(events[told - 1]).toMatchObject({ atMs, event: { type: 'round', domain: 'db' } });
    // It begins after 150 s, in the last second of a round of 13 s.
    expect(atMs).toBeGreaterThan(150_000);
    expect(atMs).toBeLessThan(160_000);
    expect(event).toMatchObject({ domain: 'db' });
    if (event.type === 'phase') {
      expect(event.fromBytesPerSecond / MiB).toBeCloseTo(1, 0);
      expect(event.toBytesPerSecond / MiB).toBeCloseTo(4, 0);
    }
    expect(events.filter((other) => other.event.type === 'phase')).toHaveLength(1);
  });

  it('has the link divided anew at the ends of windows, if it goes by windows', async () => {
    const windowMs = 5_000;
    const { outcome, events } = await run({ adapt: { windowMs } });
    expect(outcome.outcome).toBe('committed');
    const copying = events.slice(
      0,
      events.findIndex(({ event }) => event.type === 'state' && event.state === 'waiting'),
    );
    const beganAt = copying[0]!.atMs;
    const times = copying.flatMap(({ atMs, event }) => (event.type === 'rates' ? [atMs - beganAt] : []));
    expect(times.length).toBeGreaterThan(10);
    for (const ms of times) expect(Math.abs(ms / windowMs - Math.round(ms / windowMs))).toBeLessThan(1e-6);
    expect(events.some(({ event }) => event.type === 'phase')).toBe(false);
  });

  it('is divided less often when only a gain makes it so', async () => {
    const divisions = async (options: Partial<SimulationOptions>) =>
      (await run(options)).events.filter(({ event }) => event.type === 'rates').length;
    expect(await divisions({})).toBeLessThan(await divisions({ adapt: { windowMs: 1000 } }));
  });
});
