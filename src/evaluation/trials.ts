import { VmbuddiesError } from '../errors.ts';
import { type Simulation, type SimulationOptions, simulateGroup } from '../simulate/simulation.ts';
import type { StrategyName } from '../strategy/strategy.ts';
import { serviceModel } from './calibration.ts';
import { meanUsers, type TestbedName, testbeds, users, type WorkloadName } from './paper.ts';
import { evaluationDomains } from './workloads.ts';

/** One experiment. */
export interface Cell {
  readonly workload: WorkloadName;
  readonly testbed: TestbedName;
  readonly strategy: StrategyName;
  /** Divide the link anew after each such window, whatever changes (Fig. 16); without it, when a phase does. */
  readonly windowSeconds?: number;
}

/** Of a simulation, what figures are drawn from. */
export type Trial = Pick<Simulation, 'outcome' | 'events'>;

/** What was simulated of each cell: always {@link trialsPerCell} runs. */
export type Trials = (cell: Cell) => readonly Trial[];

/** "The average of the three trials" (§5.1). */
export const trialsPerCell = 3;
/** Before the migration begins the application has run for so long, as Fig. 11 shows it. */
const warmUpSeconds = 120;
/** "Prior to starting VM migrations, we first measure the page dirtying rate of each VM" (§3.4); how long is not stated. */
const profileMs = 60_000;

/**
 * Simulates every cell, once however often it is listed.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_STATE when one of them does not move all its domains
 */
export async function runTrials(cells: Iterable<Cell>): Promise<Trials> {
  const done = new Map<string, readonly Trial[]>();
  for (const cell of cells) {
    const name = cellName(cell);
    if (done.has(name)) continue;
    const runs = [];
    for (let trial = 0; trial < trialsPerCell; trial++) runs.push(await runTrial(cell, trial));
    done.set(name, runs);
  }
  return (cell) => {
    const runs = done.get(cellName(cell));
    if (runs === undefined) throw new RangeError(`${cellName(cell)} was not simulated`);
    return runs;
  };
}

/** A migration that did not move all has no cost to compare. */
async function runTrial(cell: Cell, trial: number): Promise<Trial> {
  const simulation = await simulateGroup(trialOptions(cell, trial));
  const { outcome, reason, error } = simulation.outcome;
  if (outcome === 'committed') return simulation;
  throw new VmbuddiesError('ERR_VMBUDDIES_STATE', `${cellName(cell)} ended ${outcome}: ${reason}`, { cause: error });
}

export function cellName({ workload, testbed, strategy, windowSeconds }: Cell): string {
  const name = `${workload} ${testbeds[testbed].name} ${strategy}`;
  return windowSeconds === undefined ? name : `${name}, ${windowSeconds} s`;
}

/** When a trial's group is told to move; the workload begins at 0. */
export function beginsAtSeconds(workload: WorkloadName, trial: number): number {
  return warmUpSeconds + (trial / trialsPerCell) * users[workload].periodSeconds;
}

/** Each trial has other noise, and begins another third of the workload's period later. */
export function trialOptions({ workload, testbed, strategy, windowSeconds }: Cell, trial: number): SimulationOptions {
  const seed = 1 + trial * 100;
  const { linkBytesPerSecond, latencyMs } = testbeds[testbed];
  return {
    domains: evaluationDomains(workload, seed),
    linkBytesPerSecond,
    latencyMs,
    strategy,
    profileMs,
    ...(windowSeconds !== undefined && { adapt: { windowMs: windowSeconds * 1000 } }),
    seed,
    startAtMs: beginsAtSeconds(workload, trial) * 1000,
    flows: requestFlows(workload),
  };
}

/** What neighbours send each other. */
function requestFlows(workload: WorkloadName): NonNullable<SimulationOptions['flows']> {
  const { thinkSeconds, leastResponseSeconds, crossings } = serviceModel;
  const requestsPerSecond = meanUsers(users[workload]) / (thinkSeconds + leastResponseSeconds);
  return crossings.map(({ between: [from, to], bytes }) => ({ from, to, bytesPerSecond: requestsPerSecond * bytes }));
}
