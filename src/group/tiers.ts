import { argumentError, requireObjects, requirePositive } from '../model/check.ts';
import type { ApplicationDomain } from './application.ts';

/** Replicas of one function, any of which can serve the application. */
export interface Tier {
  readonly name: string;
  /** At least one. */
  readonly replicas: readonly ApplicationDomain[];
}

/** What a tier asks of the order, and how that is met. */
export interface TierConstraint {
  readonly tier: string;
  /** The replica that serves at the destination from the first group's switch-over on; null: the tier has only one. */
  readonly first: string | null;
  /** The replica that serves at the source until the last group's switch-over. */
  readonly last: string;
  readonly reason: string;
}

/** An order for replicated tiers. */
export interface TierPlan {
  /** Move together, before all others. Empty if no tier has a second replica. */
  readonly first: readonly string[];
  /** Move one by one, in this order, each at the whole link. */
  readonly between: readonly string[];
  /** Move together, after all others. */
  readonly last: readonly string[];
  /** All of these as groups in the order in which they move; none is empty. */
  readonly groups: readonly (readonly string[])[];
  /**
   * Between the first and the last switch-over, source and destination each have a replica of every tier, so both can serve
   * without traffic between them. False if a tier has one replica only: then the source alone can, until the last.
   */
  readonly bothSidesServe: boolean;
  readonly constraints: readonly TierConstraint[];
}

/**
 * Chooses who moves first and who moves last, so that an application of replicated tiers can be served throughout (paper,
 * section 4.3 and Fig. 9a): one replica of each tier moves first, as a group, and another one last.
 *
 * The first and the last group share the link among their domains, so the lightest replicas are taken for them: the lightest
 * first, which is how the destination can serve soonest, and the second lightest last. The others follow so that the
 * tiers move in step: at any time about the same share of each is on either side.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT for no tiers, one without replicas, or a name that occurs twice.
 */
export function chooseFirstAndLast(tiers: readonly Tier[]): TierPlan {
  checkTiers(tiers);
  const lightestFirst = tiers.map(({ replicas }) => replicas.toSorted((a, b) => a.migrationBytes - b.migrationBytes));
  const constraints = tiers.map(({ name }, index) => constraintOf(name, lightestFirst[index]!));
  const waiting = lightestFirst.flatMap((replicas) =>
    replicas.slice(2).map(({ name }, index) => ({ name, movedShare: (index + 2) / replicas.length })),
  );
  const first = constraints.flatMap((constraint) => constraint.first ?? []);
  const between = waiting.sort((a, b) => a.movedShare - b.movedShare).map(({ name }) => name);
  const last = constraints.map((constraint) => constraint.last);
  return {
    first,
    between,
    last,
    groups: [...(first.length > 0 ? [first] : []), ...between.map((name) => [name]), last],
    bothSidesServe: first.length === tiers.length,
    constraints,
  };
}

function constraintOf(tier: string, [lightest, second]: readonly ApplicationDomain[]): TierConstraint {
  if (second === undefined) {
    const reason = `${tier} has one replica: until it moves, with the last group, only the source can serve`;
    return { tier, first: null, last: lightest!.name, reason };
  }
  const reason = `${tier} serves at the destination with ${lightest!.name} and at the source with ${second.name}`;
  return { tier, first: lightest!.name, last: second.name, reason };
}

function checkTiers(tiers: readonly Tier[]): void {
  requireObjects('tiers', tiers);
  if (tiers.length === 0) throw argumentError('an application has at least one tier');
  const names = new Set<string>();
  for (const { name: tier, replicas } of tiers) {
    requireObjects(`replicas of ${tier}`, replicas);
    if (replicas.length === 0) throw argumentError(`the tier ${tier} has no replicas`);
    for (const { name, migrationBytes } of replicas) {
      if (names.has(name)) throw argumentError(`there are two domains named ${name}`);
      requirePositive(`migrationBytes of ${name}`, migrationBytes);
      names.add(name);
    }
  }
}
