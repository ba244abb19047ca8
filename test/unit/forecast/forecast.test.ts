import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../src/domains/info.ts';
import { usualCosts } from '../../../src/forecast/costs.ts';
import { forecastGroup } from '../../../src/forecast/forecast.ts';
import type { DomainStatus } from '../../../src/migrate/status.ts';
import { seededRandom } from '../../../src/random.ts';
import { type SimulatedDomain, type SimulationOptions, simulateGroup } from '../../../src/simulate/simulation.ts';
import { type StrategyName, strategies } from '../../../src/strategy/strategy.ts';
import { threeTiers, tier } from '../simulate/scenarios.ts';

const MiB = 2 ** 20;
const pageBytes = 4096;

/** 1 to 4 unlike domains of 64 to 1024 MiB that dirty together up to 0.6 times what the link carries. */
function randomGroup(seed: number): SimulationOptions {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  const logBetween = (low: number, high: number) => low * (high / low) ** random();
  const whole = (bytes: number) => Math.ceil(bytes / pageBytes) * pageBytes;
  const linkBytesPerSecond = logBetween(5e6, 1e8);
  const seconds = logBetween(10, 60);
  const count = 1 + Math.floor(4 * random());
  const domains = Array.from({ length: count }, (_, index): SimulatedDomain => {
    const memoryBytes = whole(Math.max(16 * MiB, (linkBytesPerSecond * seconds * between(0.5, 1.5)) / count));
    const usedBytes = whole(memoryBytes * between(0.6, 0.95));
    const wwsBytes = whole(usedBytes * between(0.1, 0.6));
    const hotBytes = whole(wwsBytes * between(0.05, 0.3));
    const load = (between(0.05, 0.6) * linkBytesPerSecond) / count / pageBytes;
    const workload: Workload = {
      kind: random() < 0.5 ? 'steady' : 'on-off',
      seed: index,
      usedBytes,
      wwsBytes,
      hotBytes,
      hotWritesPerSecond: load * 0.7,
      coldWritesPerSecond: load * 0.3,
      lowLevel: between(0.3, 0.9),
      periodMs: logBetween(2_000, 20_000),
      phase: random(),
    };
    return { name: `d${index}`, memoryBytes, noise: 0.1, workload, scattered: random() < 0.5 };
  });
  return { domains, linkBytesPerSecond, seed, startAtMs: 100_000 * random() };
}

const off = (predicted: number, real: number) => Math.abs(Math.log(real / predicted));
const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

const measured = strategies.filter((strategy) => strategy.measured).map(({ name }) => name);

describe('a group that is predicted before it begins', () => {
  it.each(measured)('%s: completion and traffic of random groups, and intervals that hold', async (strategy) => {
    const completion: number[] = [];
    const traffic: number[] = [];
    let within = 0;
    const seeds = Array.from({ length: strategy === 'turns' ? 24 : 8 }, (_, index) => 1000 + index);
    for (const seed of seeds) {
      const { outcome } = await simulateGroup({ ...randomGroup(seed), strategy });
      expect(outcome.outcome, `seed ${seed}`).toBe('committed');
      const predicted = outcome.predicted!;
      completion.push(off(predicted.completionMs.likely, outcome.completionMs));
      traffic.push(off(predicted.trafficBytes.likely, outcome.trafficBytes));
      const { low, high } = predicted.completionMs;
      if (outcome.completionMs >= low && outcome.completionMs <= high) within++;
    }
    expect(quantile(completion, 0.5)).toBeLessThan(Math.log(1.1));
    expect(quantile(completion, 0.9)).toBeLessThan(Math.log(1.25));
    expect(quantile(traffic, 0.5)).toBeLessThan(Math.log(1.1));
    expect(within / seeds.length).toBeGreaterThanOrEqual(0.6);
  });

  it('predicts three equal guests in turns as what they are: each waits for the others', async () => {
    const domains = ['a', 'b', 'c'].map((name) => tier(name, 8, 500));
    const { outcome } = await simulateGroup({ ...threeTiers, domains });
    for (const { predicted, completionMs } of outcome.domains) {
      expect(off(predicted!.completionMs.likely, completionMs)).toBeLessThan(Math.log(1.15));
    }
  });
});

describe('forecastGroup', () => {
  const anySlice = fc
    .tuple(
      fc.integer({ min: 0, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([pages, hot, cold]) => ({ pages, hotPages: pages * hot, coldPages: pages * (1 - hot) * cold }));
  const anyMember = fc.record({
    slices: fc.array(anySlice, { minLength: 1, maxLength: 8 }),
    hotWritesPerSecond: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e5, noNaN: true })),
    coldWritesPerSecond: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e3, noNaN: true })),
  });

  it('comes to an end for any loads, with every page sent at least once at no more than the link', () => {
    fc.assert(
      fc.property(
        fc.array(anyMember, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 1e5, max: 1e12, noNaN: true }),
        fc.constantFrom(...strategies),
        fc.constantFrom('converged', 'xen-legacy', 'xen-modern', 'downtime' as const),
        (loads, linkBytesPerSecond, strategy, stopRule) => {
          const members = loads.map((load, index) => ({ name: `d${index}`, load }));
          const terms = { linkBytesPerSecond, strategy, stopRule, maxDowntimeMs: null, costs: usualCosts('sim') };
          const { completionSeconds, trafficBytes, downtimeSeconds, domains } = forecastGroup(members, terms);
          expect(Number.isFinite(completionSeconds + trafficBytes + downtimeSeconds)).toBe(true);
          expect(trafficBytes).toBeLessThanOrEqual(completionSeconds * linkBytesPerSecond * 1.01 + 10 * 4096);
          for (const [index, domain] of domains.entries()) {
            const pages = loads[index]!.slices.reduce((sum, slice) => sum + slice.pages, 0);
            expect(domain.trafficBytes).toBeGreaterThanOrEqual(pages * 4096 * 0.99 - 1);
            expect(domain.completionSeconds).toBeLessThanOrEqual(completionSeconds * (1 + 1e-9));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('GroupRun.status()', () => {
  it('shows a group ETA within a fifth at any time after half of the transfer, over random groups', async () => {
    const late: string[] = [];
    let looks = 0;
    for (let seed = 2000; seed < 2016; seed++) {
      const { outcome, statuses } = await simulateGroup({ ...randomGroup(seed), statusEveryMs: 2000 });
      const total = statuses.at(-1)!;
      for (const status of statuses) {
        if (status.sentBytes < outcome.trafficBytes / 2 || status.predictedTotalMs === null) continue;
        looks++;
        const really = 2000 + outcome.completionMs;
        if (off(status.predictedTotalMs, really) > Math.log(1.2)) late.push(`seed ${seed} at ${status.elapsedMs}`);
      }
      expect(total.sentBytes, `seed ${seed}`).toBeLessThanOrEqual(outcome.trafficBytes);
    }
    expect(looks).toBeGreaterThan(50);
    expect(late).toEqual([]);
  });

  it.each<StrategyName>(measured)('%s: tells what each domain does, and never goes back', async (strategy) => {
    const { outcome, statuses } = await simulateGroup({ ...threeTiers, strategy, statusEveryMs: 50 });
    const order = ['measuring', 'ballooning', 'precopy', 'waiting', 'stopping', 'committing', 'finished'];
    const phases = statuses.map(({ phase }) => order.indexOf(phase));
    expect(phases).toEqual(phases.toSorted((a, b) => a - b));
    expect(phases[0]).toBe(0);
    let before: readonly DomainStatus[] = statuses[0]!.domains;
    for (const { domains, phase, etaMs } of statuses) {
      expect(domains.map(({ name }) => name)).toEqual(['web', 'app', 'db']);
      if (phase === 'measuring') expect(domains.every(({ activity }) => activity === 'profiling')).toBe(true);
      else expect(etaMs).not.toBeNull();
      for (const [index, domain] of domains.entries()) {
        expect(domain.sentBytes).toBeGreaterThanOrEqual(before[index]!.sentBytes);
        expect(domain.round).toBeGreaterThanOrEqual(before[index]!.round);
        if (domain.activity === 'parked') expect(domain.round).toBeGreaterThan(0);
        if (domain.activity === 'queued') expect(domain.sentBytes).toBe(0);
      }
      before = domains;
    }
    expect(outcome.outcome).toBe('committed');
  });

  it('shows a parked domain in the round it will go on with, not in round 0', async () => {
    const { statuses } = await simulateGroup({ ...threeTiers, strategy: 'turns', statusEveryMs: 20 });
    const parked = statuses.flatMap(({ domains }) => domains.filter(({ activity }) => activity === 'parked'));
    expect(parked.length).toBeGreaterThan(5);
    for (const { round, sentBytes } of parked) {
      expect(round).toBeGreaterThan(0);
      expect(sentBytes).toBeGreaterThan(MiB);
    }
  });
});
