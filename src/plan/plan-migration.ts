import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import type { DomainKind } from '../domains/domain.ts';
import { type TransferCosts, usualCosts } from '../forecast/costs.ts';
import { requireAtLeast, requireInteger, requireList, requireObject, requirePositive } from '../model/check.ts';
import { normal, type Random, seededRandom } from '../random.ts';
import { simulateGroup } from '../simulate/simulation.ts';
import { type StrategyName, strategies } from '../strategy/strategy.ts';
import { checkApplication, type PlannedApplication, type PlannedDomain } from './application.ts';
import { predictionOf, type StrategyPrediction } from './prediction.ts';
import { simulatedDomains } from './simulated-domains.ts';
import { type PlanWarning, warningsOf } from './warnings.ts';

export interface PlanOptions {
  /** What the migrations may use of the link, together: above 0, finite. */
  readonly linkBytesPerSecond: number;
  /** One way. Default 0. */
  readonly latencyMs?: number;
  /** Default: all. */
  readonly strategies?: readonly StrategyName[];
  /** As for `migrateGroup`: what would pause for longer gives up. It also is the pause that warnings are about. */
  readonly maxDowntimeMs?: number;
  /** Simulated migrations for each strategy, 1 to 10 000. Default 20. */
  readonly runs?: number;
  /** An integer in [0, 2^32); the same always gives the same plan. Default 1. */
  readonly seed?: number;
  /** What kind of domains will be moved: what they take to connect, and to send. Default `process`. */
  readonly kind?: DomainKind;
  /** How far off the application's write rates may be, as a share: the sigma of a lognormal factor. Default 0.1. */
  readonly rateError?: number;
}

/** What a migration is predicted to cost under each strategy, and what to know before it. */
export interface MigrationPlan {
  readonly predictions: readonly StrategyPrediction[];
  readonly warnings: readonly PlanWarning[];
}

/** A machine with much else to do sends e to this times less than one with nothing else, and most have little to do. */
const busiest = 1.5;
/** Warned of where no other limit is given: users notice a second. */
const noticeablePauseMs = 1000;

/**
 * Predicts the migration of an application under each strategy, by simulating it. The runs differ in what cannot be known
 * beforehand: where in their periods the guests are at the start, how far off the write rates are, each second's
 * work, and how busy the machines are that send. Strategies are compared on the same runs.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the option that is out of its range.
 */
export async function planMigration(application: PlannedApplication, options: PlanOptions): Promise<MigrationPlan> {
  checkApplication(application);
  requireObject('options', options);
  const {
    linkBytesPerSecond,
    maxDowntimeMs,
    runs = 20,
    seed = 1,
    rateError = 0.1,
    latencyMs = 0,
    kind = 'process',
  } = options;
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requireAtLeast('latencyMs', latencyMs, 0);
  if (maxDowntimeMs !== undefined) requirePositive('maxDowntimeMs', maxDowntimeMs);
  requireInteger('runs', runs, 1, 10_000);
  requireInteger('seed', seed, 0, 2 ** 32 - 1);
  requireAtLeast('rateError', rateError, 0);
  const usual = usualCosts(kind);
  const conditions = drawConditions(application.domains, { runs, rateError, usual, random: seededRandom(seed) });
  const predictions: StrategyPrediction[] = [];
  const { strategies: wanted = strategies.map(({ name }) => name) } = options;
  requireList('strategies', wanted);
  for (const strategy of wanted) {
    const outcomes: GroupOutcome[] = [];
    for (const { domains, startAtMs, seed, costs } of conditions) {
      const { outcome } = await simulateGroup({
        domains: simulatedDomains(domains, seed),
        flows: application.flows,
        linkBytesPerSecond,
        latencyMs,
        strategy,
        startAtMs,
        seed,
        costs,
        ...(maxDowntimeMs !== undefined && { maxDowntimeMs }),
      });
      outcomes.push(outcome);
    }
    predictions.push(predictionOf(strategy, outcomes, maxDowntimeMs ?? null));
  }
  const warnings = warningsOf(application, { linkBytesPerSecond, budgetMs: maxDowntimeMs ?? noticeablePauseMs });
  return { predictions, warnings };
}

/** What one run meets. */
interface Conditions {
  readonly domains: readonly PlannedDomain[];
  readonly startAtMs: number;
  readonly seed: number;
  readonly costs: TransferCosts;
}

function drawConditions(
  domains: readonly PlannedDomain[],
  { runs, rateError, usual, random }: { runs: number; rateError: number; usual: TransferCosts; random: Random },
): Conditions[] {
  const longestPeriodMs = Math.max(...domains.map(({ workload }) => workload.periodMs));
  return Array.from({ length: runs }, () => ({
    domains: domains.map((domain) => withWrites(domain, Math.exp(rateError * normal(random)))),
    startAtMs: longestPeriodMs * random(),
    seed: Math.floor(random() * 2 ** 32),
    costs: { ...usual, mostBytesPerSecond: usual.mostBytesPerSecond * Math.exp(-busiest * random() ** 2) },
  }));
}

function withWrites(domain: PlannedDomain, factor: number): PlannedDomain {
  const { workload } = domain;
  return {
    ...domain,
    workload: {
      ...workload,
      hotWritesPerSecond: workload.hotWritesPerSecond * factor,
      coldWritesPerSecond: workload.coldWritesPerSecond * factor,
    },
  };
}
