import type { GroupOutcome } from '../../../src/arbitrate/group-outcome.ts';
import type { MigrationState } from '../../../src/domains/domain.ts';
import { type Tier, tiers } from '../../../src/evaluation/paper.ts';
import type { Cell, Trial, Trials } from '../../../src/evaluation/trials.ts';
import type { SimulatedEvent } from '../../../src/simulate/simulation.ts';

const state = (seconds: number, domain: string, entered: MigrationState): SimulatedEvent => ({
  atMs: seconds * 1000,
  event: { type: 'state', domain, state: entered, stopReason: null },
});

/** Seconds at which each tier began, was suspended and started. */
export function oneByOne(times: Readonly<Record<Tier, readonly [number, number, number]>>): SimulatedEvent[] {
  return tiers.flatMap((tier) => {
    const [began, suspended, started] = times[tier];
    return [state(began, tier, 'precopy'), state(suspended, tier, 'stopping'), state(started, tier, 'committed')];
  });
}

/** All begin at 0 and wait from the time each reaches its pseudo-synchropoint. */
export function together(times: {
  readonly waiting?: Readonly<Record<Tier, number>>;
  readonly suspended: number;
  readonly started: number;
}): SimulatedEvent[] {
  const { waiting, suspended, started } = times;
  const all = (seconds: number, entered: MigrationState) => tiers.map((tier) => state(seconds, tier, entered));
  const arrivals = waiting ? tiers.map((tier) => state(waiting[tier], tier, 'waiting')) : all(suspended, 'waiting');
  return [...all(0, 'precopy'), ...arrivals, ...all(suspended, 'stopping'), ...all(started, 'committed')];
}

export interface Figures {
  readonly completionSeconds: number;
  readonly trafficBytes?: number;
  readonly downtimeSeconds?: number;
  readonly unsynchronisedSeconds?: number;
}

export function outcomeOf(strategy: Cell['strategy'], figures: Figures): GroupOutcome {
  const { completionSeconds, trafficBytes = 5e9, downtimeSeconds = 1, unsynchronisedSeconds = 0 } = figures;
  return {
    strategy,
    outcome: 'committed',
    where: 'destination',
    reason: null,
    error: null,
    refused: false,
    linkBytesPerSecond: 5e6,
    completionMs: completionSeconds * 1000,
    trafficBytes,
    downtimeMs: downtimeSeconds * 1000,
    predicted: null,
    guestGapMs: null,
    unsynchronisedMs: unsynchronisedSeconds * 1000,
    domains: tiers.map((name) => ({
      name,
      kind: 'sim',
      engine: 'vmbuddies',
      pages: 2 ** 18,
      rounds: 5,
      sentBytes: trafficBytes / 3,
      completionMs: completionSeconds * 1000,
      downtimeMs: downtimeSeconds * 1000,
      guestGapMs: null,
      stopReason: 'converged',
      where: 'destination',
      paused: false,
      predicted: null,
      verified: null,
    })),
  };
}

/** One run for every cell, as `run` says. */
export function madeTrials(run: (cell: Cell) => Trial): Trials {
  return (cell) => [run(cell)];
}
