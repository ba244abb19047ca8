import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MigrationState, StopRuleName } from '../../src/domains/engine.ts';
import {
  type SimulatedDomain,
  type SimulatedFault,
  type SimulationOptions,
  simulateGroup,
} from '../../src/simulate/simulation.ts';
import { strategies } from '../../src/strategy/strategy.ts';

const MiB = 2 ** 20;
const runs = { numRuns: 500 };
const names = ['web', 'app', 'db', 'cache'];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyDomain = fc
  .record({
    memoryMiB: fc.integer({ min: 1, max: 256 }),
    used: share,
    wws: share,
    hot: share,
    zero: share,
    hotWrites: fc.integer({ min: 0, max: 20_000 }),
    coldWrites: fc.integer({ min: 0, max: 20_000 }),
    kind: fc.constantFrom('idle', 'steady', 'on-off', 'waves' as const),
    lowLevel: share,
    periodMs: fc.integer({ min: 1, max: 60_000 }),
    phase: share,
    noise: fc.constantFrom(0, 0.1, 0.5),
    tellsUsedMemory: fc.boolean(),
    scattered: fc.boolean(),
  })
  .map((drawn): Omit<SimulatedDomain, 'name'> => {
    const memoryBytes = drawn.memoryMiB * MiB;
    const part = (bytes: number, of: number) => Math.floor((bytes * of) / 4096) * 4096;
    const usedBytes = part(memoryBytes, drawn.used);
    const wwsBytes = part(usedBytes, drawn.wws);
    const hotBytes = part(wwsBytes, drawn.hot);
    const { kind, lowLevel, periodMs, phase, noise, tellsUsedMemory, scattered } = drawn;
    return {
      memoryBytes,
      zeroBytes: part(memoryBytes - usedBytes, drawn.zero),
      noise,
      tellsUsedMemory,
      scattered,
      workload: {
        kind: kind as SimulatedDomain['workload']['kind'],
        seed: 1,
        usedBytes,
        wwsBytes,
        hotBytes,
        hotWritesPerSecond: hotBytes > 0 ? drawn.hotWrites : 0,
        coldWritesPerSecond: wwsBytes > hotBytes ? drawn.coldWrites : 0,
        lowLevel,
        periodMs,
        phase,
      },
    };
  });

const anyState = fc.constantFrom<MigrationState>('precopy', 'waiting', 'stopping', 'prepared', 'committed', 'aborted');

function anyFault(count: number): fc.Arbitrary<SimulatedFault> {
  const domain = fc.constantFrom(...names.slice(0, count));
  const time = fc.oneof(
    fc.record({ atMs: fc.double({ min: 0, max: 60_000, noNaN: true }) }),
    fc.record({ when: fc.record({ domain, state: anyState }) }),
  );
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('link-cut', 'receiver-dies', 'abort' as const), time)
      .map(([type, when]) => ({ type, ...when }) as SimulatedFault),
    fc
      .tuple(fc.constantFrom('guest-dies', 'copy-dies' as const), domain, time)
      .map(([type, whose, when]) => ({ type, domain: whose, ...when }) as SimulatedFault),
    fc.record({
      type: fc.constantFrom('suspend-fails', 'start-refused', 'confirmation-lost'),
      domain,
    }) as fc.Arbitrary<SimulatedFault>,
    fc.record({
      type: fc.constant('journal-full' as const),
      record: fc.constantFrom('group', 'STOP', 'COMMIT', 'ABORT' as const),
    }) as fc.Arbitrary<SimulatedFault>,
  );
}

const anySimulation = fc.integer({ min: 1, max: names.length }).chain((count) =>
  fc
    .record(
      {
        domains: fc.array(anyDomain, { minLength: count, maxLength: count }),
        linkBytesPerSecond: fc.integer({ min: MiB, max: 200 * MiB }),
        latencyMs: fc.constantFrom(0, 0.1, 50),
        loss: fc.constantFrom(0, 0.05, 0.7),
        strategy: fc.constantFrom(...strategies.map(({ name }) => name)),
        stopRule: fc.constantFrom<StopRuleName>('xen-modern', 'xen-legacy', 'converged', 'downtime'),
        maxDowntimeMs: fc.constantFrom(1, 100, 10_000),
        adapt: fc.constantFrom('phases', { windowMs: 500 }),
        profileMs: fc.constantFrom(100, 2_000, 20_000),
        faults: fc.array(anyFault(count), { maxLength: 3 }),
        flows: fc.constant(count > 1 ? [{ from: 'web', to: 'app', bytesPerSecond: 2 * MiB }] : []),
        seed: fc.integer({ min: 0, max: 1_000 }),
        startAtMs: fc.integer({ min: 0, max: 100_000 }),
      },
      { requiredKeys: ['domains', 'linkBytesPerSecond'] },
    )
    .map((options): SimulationOptions => {
      const domains = options.domains.map((domain, index) => ({ ...domain, name: names[index]! }));
      return { ...options, domains } as SimulationOptions;
    }),
);

/** A copy that dies after it was started is no concern of the protocol's. */
const copyLives = ({ faults = [] }: SimulationOptions, domain: string) =>
  !faults.some((fault) => fault.type === 'copy-dies' && fault.domain === domain);

describe('simulateGroup', () => {
  // That both copies of a guest run, and that a group comes to no end, are errors of the simulation itself.
  it('ends for every group and whatever goes wrong, and says truly where each guest is', async () => {
    await fc.assert(
      fc.asyncProperty(anySimulation, async (options) => {
        const { outcome, runsAt } = await simulateGroup(options);
        for (const { name, where } of outcome.domains) {
          if (where === 'source') expect(runsAt[name]).toBe('source');
          if (where === 'ended') expect(runsAt[name]).toBe(null);
          if (where === 'destination' && copyLives(options, name)) expect(runsAt[name]).toBe('destination');
        }
        const places = new Set(outcome.domains.map(({ where }) => where));
        expect(outcome.outcome === 'committed').toBe(places.size === 1 && places.has('destination'));
        places.delete('ended');
        const only = places.size === 0 ? 'ended' : places.size === 1 ? [...places][0] : 'mixed';
        expect(outcome.where).toBe(places.has('unknown') ? 'unknown' : only);
        if ((options.faults ?? []).length === 0 && !options.loss && outcome.outcome !== 'committed') {
          expect(outcome.refused || outcome.reason?.includes('downtime budget')).toBe(true);
        }
      }),
      runs,
    );
  });

  it('moves a synchronised group as a whole unless a copy could not start, or did not say that it has', async () => {
    await fc.assert(
      fc.asyncProperty(anySimulation, async (options) => {
        const { synchronised } = strategies.find(({ name }) => name === (options.strategy ?? 'oba+mo'))!;
        fc.pre(synchronised);
        const { outcome, events } = await simulateGroup(options);
        const decisions = events.flatMap(({ event }) => (event.type === 'decision' ? [event.decision] : []));
        if (!decisions.includes('COMMIT')) expect(['source', 'ended', 'unknown']).toContain(outcome.where);
        if (decisions.includes('ABORT'))
          expect(outcome.domains.every(({ where }) => where !== 'destination')).toBe(true);
      }),
      runs,
    );
  });

  it('never gives out more of the link than there is, to the very end', async () => {
    await fc.assert(
      fc.asyncProperty(anySimulation, async (options) => {
        const { events } = await simulateGroup(options);
        for (const { event } of events) {
          if (event.type !== 'rates') continue;
          const total = Object.values(event.bytesPerSecond).reduce((sum, rate) => sum + rate, 0);
          expect(total).toBeLessThanOrEqual(options.linkBytesPerSecond * (1 + 1e-9));
        }
      }),
      runs,
    );
  });

  it('sends every page at least once, accounts for every byte, and lets time never go back', async () => {
    await fc.assert(
      fc.asyncProperty(anySimulation, async (options) => {
        const { outcome, events } = await simulateGroup({ ...options, faults: [] });
        let last = 0;
        for (const { atMs } of events) {
          expect(atMs).toBeGreaterThanOrEqual(last);
          last = atMs;
        }
        for (const { name, where, pages, sentBytes } of outcome.domains) {
          if (where !== 'destination') continue;
          const rounds = events.flatMap(({ event }) =>
            event.type === 'round' && event.domain === name ? [event.round] : [],
          );
          const moved = rounds.reduce((sum, { sentPages, zeroPages }) => sum + sentPages + zeroPages, 0);
          expect(moved).toBeGreaterThanOrEqual(pages - 2 * rounds.length); // counts are rounded
          expect(sentBytes).toBe(rounds.reduce((sum, round) => sum + round.sentBytes, 0));
          for (const round of rounds) expect(round.sentBytes).toBeGreaterThanOrEqual((round.sentPages - 1) * 4096);
        }
        const seconds = outcome.completionMs / 1000;
        expect(outcome.trafficBytes).toBeLessThanOrEqual(seconds * options.linkBytesPerSecond * 1.000001 + 1000);
      }),
      runs,
    );
  });
});
