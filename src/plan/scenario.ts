import type { StopRuleName } from '../domains/domain.ts';
import { requireInteger, requireObject } from '../model/check.ts';
import { type SimulatedFault, type Simulation, simulateGroup } from '../simulate/simulation.ts';
import type { StrategyName } from '../strategy/strategy.ts';
import { checkApplication, type PlannedApplication } from './application.ts';
import { simulatedDomains } from './simulated-domains.ts';

/** A migration to simulate, under one or more strategies. */
export interface Scenario {
  readonly application: PlannedApplication;
  readonly linkBytesPerSecond: number;
  /** One way. */
  readonly latencyMs: number;
  /** The share of messages that get lost, from 0 to below 1. */
  readonly loss: number;
  /** At least one. */
  readonly strategies: readonly StrategyName[];
  /** In place of each strategy's own. */
  readonly stopRule?: StopRuleName;
  readonly maxDowntimeMs?: number;
  /** How long the domains are measured before the start, where the strategy needs that. */
  readonly profileMs?: number;
  /** The group begins so long after the workloads' start. */
  readonly startAtMs: number;
  readonly faults: readonly SimulatedFault[];
  /** The first run's seed; each further one has the next number. */
  readonly seed: number;
  readonly runs: number;
}

/** @param run from 0 */
export async function simulateScenario(scenario: Scenario, strategy: StrategyName, run: number): Promise<Simulation> {
  requireObject('scenario', scenario);
  checkApplication(scenario.application);
  requireInteger('run', run, 0, Number.MAX_SAFE_INTEGER);
  const { application, stopRule, maxDowntimeMs, profileMs } = scenario;
  const seed = (scenario.seed + run) % 2 ** 32;
  return await simulateGroup({
    domains: simulatedDomains(application.domains, seed),
    flows: application.flows,
    linkBytesPerSecond: scenario.linkBytesPerSecond,
    latencyMs: scenario.latencyMs,
    loss: scenario.loss,
    strategy,
    startAtMs: scenario.startAtMs,
    faults: scenario.faults,
    seed,
    ...(stopRule !== undefined && { stopRule }),
    ...(maxDowntimeMs !== undefined && { maxDowntimeMs }),
    ...(profileMs !== undefined && { profileMs }),
  });
}
