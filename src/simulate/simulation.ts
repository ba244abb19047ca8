import type { GroupEvent } from '../arbitrate/group-event.ts';
import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import type { SimWorkload } from '../domains/info.ts';
import type { TransferCosts } from '../forecast/costs.ts';
import type { Flow } from '../group/application.ts';
import type { GroupOptions } from '../migrate/group-options.ts';
import { GroupRun } from '../migrate/group-run.ts';
import type { GroupStatus } from '../migrate/status.ts';
import type { SplitFlow } from './application-traffic.ts';
import { checkSimulation } from './check-simulation.ts';
import type { SimulatedFault } from './faults.ts';
import type { GuestPlace } from './guest.ts';
import { World } from './world.ts';

export type { SplitFlow } from './application-traffic.ts';
export type { FaultTime, Misbehaviour, SimulatedFault } from './faults.ts';
export type { GuestPlace } from './guest.ts';

export interface SimulatedDomain {
  readonly name: string;
  readonly memoryBytes: number;
  /** As a process domain has it, or recorded. */
  readonly workload: SimWorkload;
  /** Lognormal sigma of each second's work; 0: none, the default. */
  readonly noise?: number;
  /** An agent says what is free, so that it can be ballooned. Default true. */
  readonly tellsUsedMemory?: boolean;
  /** Of the free memory, what was never touched: pages of zeros travel without data. Default 0. */
  readonly zeroBytes?: number;
  /** The working set lies all over the memory, and not at its start as a process domain's does. Default false. */
  readonly scattered?: boolean;
}

export interface SimulationOptions
  extends Pick<GroupOptions, 'strategy' | 'stopRule' | 'maxDowntimeMs' | 'profileMs' | 'adapt'> {
  readonly domains: readonly SimulatedDomain[];
  /** Finite. */
  readonly linkBytesPerSecond: number;
  /** One way. Default 0. */
  readonly latencyMs?: number;
  /**
   * The share, from 0 to below 1, of messages that get lost. TCP sends them again: what is to say comes late, after 30 s
   * not at all, and the link carries so much less. Default 0.
   */
  readonly loss?: number;
  /** What the tiers send each other, which shares the link while they are apart. */
  readonly flows?: readonly Flow[];
  readonly faults?: readonly SimulatedFault[];
  /** Of the noise and the losses. Default 1. */
  readonly seed?: number;
  /** The group begins so long after the workloads' start. Default 0. */
  readonly startAtMs?: number;
  /**
   * What moving takes beside the pages' time on the link: connecting, and what senders lose of a rate near the most that
   * they can send. Default: nothing. {@link usualCosts} has what real domains take.
   */
  readonly costs?: Pick<TransferCosts, 'connectSeconds' | 'mostBytesPerSecond'>;
  /** Record how far the group is this often, above 0. Default: never. */
  readonly statusEveryMs?: number;
}

/** Times count from when the group was told to move; measuring comes first. */
export interface SimulatedEvent {
  readonly atMs: number;
  readonly event: GroupEvent;
}

export interface Simulation {
  readonly outcome: GroupOutcome;
  readonly events: readonly SimulatedEvent[];
  /** What `GroupRun.status()` said, every so often. */
  readonly statuses: readonly GroupStatus[];
  /** Where each guest runs in the end, whatever the outcome says; null: it is no more, or stands still. */
  readonly runsAt: Readonly<Record<string, GuestPlace | null>>;
  /** One for each of the flows. */
  readonly splitFlows: readonly SplitFlow[];
}

/**
 * Moves a group that is only simulated: the same arbitrator, protocol, strategies and reports as for real domains, on a
 * virtual clock. What comes out is a function of the options alone.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, naming what is out of its range
 */
export async function simulateGroup(options: SimulationOptions): Promise<Simulation> {
  checkSimulation(options);
  const world = new World(options);
  const run = new GroupRun(world.domains, { ...options, to: 'simulation' }, world);
  const events: SimulatedEvent[] = [];
  const followed = (async () => {
    for await (const event of run) {
      events.push({ atMs: world.clock.now() * 1000, event });
      if (event.type === 'state') world.entered(event.domain, event.state);
    }
  })();
  const statuses: GroupStatus[] = [];
  const ended = new AbortController();
  if (options.statusEveryMs !== undefined) void watch(run, world, options.statusEveryMs, statuses, ended.signal);
  const outcome = await world.run(run.result, (reason) => run.abort(reason)).finally(() => ended.abort());
  await followed;
  return { outcome, events, statuses, runsAt: world.runsAt(), splitFlows: world.splitFlows() };
}

async function watch(
  run: GroupRun,
  world: World,
  everyMs: number,
  statuses: GroupStatus[],
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    statuses.push(run.status());
    await world.clock.pause(everyMs, ended).catch(() => {});
  }
}
