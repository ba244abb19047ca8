import { allocateOptimal } from '../allocate/optimal.ts';
import type { GroupLimit } from '../group/limit.ts';
import { type GroupPlan, planGroups } from '../group/plan.ts';
import { chooseFirstAndLast, type Tier, type TierPlan } from '../group/tiers.ts';
import { requireObject, requirePositive } from '../model/check.ts';
import { earlyTermination } from '../model/early-termination.ts';
import { predictMigration } from '../model/predict.ts';
import { checkApplication, type PlannedApplication, type PlannedDomain } from './application.ts';
import { loadsOf } from './load.ts';

export interface GroupApplicationOptions {
  readonly limit: GroupLimit;
  /** What the migrations may use of the link, together: above 0, finite. */
  readonly linkBytesPerSecond: number;
  /** Of the searches for large applications. Default 1. */
  readonly seed?: number;
}

/** How an application's domains move, some at a time. */
export interface ApplicationGroups extends GroupPlan {
  /** The order that lets both sides serve throughout, with its predicted time; null if no tier has replicas. */
  readonly replicas: (TierPlan & { readonly seconds: number }) | null;
}

/**
 * Divides an application into groups that move one after another (paper, section 4.3), each domain weighing what its
 * migration is predicted to send, each group taking the time that the optimal division of the link gives it.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function groupApplication(application: PlannedApplication, options: GroupApplicationOptions): ApplicationGroups {
  checkApplication(application);
  requireObject('options', options);
  const { limit, linkBytesPerSecond, seed = 1 } = options;
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  const domainOf = new Map(application.domains.map((domain) => [domain.name, domain]));
  const predictSeconds = (names: readonly string[]): number => {
    const loads = loadsOf(
      names.map((name) => domainOf.get(name)!),
      linkBytesPerSecond,
    );
    return allocateOptimal(loads, linkBytesPerSecond, earlyTermination).completionSeconds.upper;
  };
  const migrationBytes = (domain: PlannedDomain): number => {
    const [load] = loadsOf([domain], linkBytesPerSecond);
    return predictMigration(load!, linkBytesPerSecond, earlyTermination).trafficBytes;
  };
  const weighed = application.domains.map((domain) => ({
    name: domain.name,
    tier: domain.tier,
    migrationBytes: migrationBytes(domain),
  }));
  const plan = planGroups(
    { domains: weighed, flows: application.flows },
    { limit, duration: { predictSeconds }, seed },
  );
  const tiers = tiersOf(weighed);
  if (tiers.every(({ replicas }) => replicas.length === 1)) return { ...plan, replicas: null };
  const chosen = chooseFirstAndLast(tiers);
  const seconds = chosen.groups.reduce((sum, names) => sum + predictSeconds(names), 0);
  return { ...plan, replicas: { ...chosen, seconds } };
}

/** In the order in which the tiers are first named. */
function tiersOf(domains: readonly { name: string; tier: string; migrationBytes: number }[]): Tier[] {
  const tiers = new Map<string, { name: string; migrationBytes: number }[]>();
  for (const { tier, name, migrationBytes } of domains) {
    tiers.set(tier, [...(tiers.get(tier) ?? []), { name, migrationBytes }]);
  }
  return Array.from(tiers, ([name, replicas]) => ({ name, replicas }));
}
