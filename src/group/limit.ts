import { argumentError, requireInteger, requirePositive } from '../model/check.ts';
import type { NumberedApplication } from './application.ts';
import { buildGraph } from './graph.ts';
import type { PartitionProblem } from './pack.ts';

/** What keeps groups small. One of: */
export type GroupLimit =
  /** So many groups, from 1 to the number of domains, none heavier than {@link balancedCap} of all. */
  | { readonly groups: number }
  /** At most so many domains in a group, 1 or more; as many groups as cut the least traffic. */
  | { readonly maxParallel: number }
  /**
   * At most so many bytes to send for a group; as many groups as cut the least traffic. No less than the heaviest
   * domain's.
   */
  | { readonly maxGroupBytes: number };

/** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT for a limit that is out of its range or that no groups can meet. */
export function partitionProblem(application: NumberedApplication, limit: GroupLimit): PartitionProblem {
  const { names, migrationBytes, flows } = application;
  if ('groups' in limit) {
    requireInteger('groups', limit.groups, 1, names.length);
    const graph = buildGraph(Float64Array.from(migrationBytes), flows);
    const cap = balancedCap(migrationBytes, limit.groups);
    return { graph, cap, leastGroups: limit.groups, mostGroups: limit.groups };
  }
  if ('maxParallel' in limit) {
    requireInteger('maxParallel', limit.maxParallel, 1, Number.MAX_SAFE_INTEGER);
    return cappedProblem(
      names.map(() => 1),
      limit.maxParallel,
      application,
    );
  }
  requirePositive('maxGroupBytes', limit.maxGroupBytes);
  const tooHeavy = migrationBytes.findIndex((bytes) => bytes > limit.maxGroupBytes);
  if (tooHeavy >= 0) {
    const bytes = migrationBytes[tooHeavy];
    throw argumentError(
      `${names[tooHeavy]} alone has ${bytes} bytes to send, over maxGroupBytes (${limit.maxGroupBytes})`,
    );
  }
  return cappedProblem(migrationBytes, limit.maxGroupBytes, application);
}

/**
 * Two groups that fit together into one may as well be one: the cut does not grow. So some partition of least cut has
 * no such two, and the weight of any two of its groups exceeds the cap: there are fewer than 2 ⌈total / cap⌉ of them.
 * Heaviest first into the lightest of so many groups always fits.
 */
function cappedProblem(weights: readonly number[], cap: number, { flows }: NumberedApplication): PartitionProblem {
  const mostGroups = Math.min(weights.length, 2 * Math.ceil(sum(weights) / cap) - 1);
  return { graph: buildGraph(Float64Array.from(weights), flows), cap, leastGroups: 1, mostGroups };
}

/**
 * The most that one of `groups` balanced groups may weigh: where n vertices weigh the same, ⌈n / groups⌉ of them fit.
 *
 * Heaviest first into the lightest group never loads one with more than (W + (k - 1) w) / k, where W is the total and w
 * the heaviest (R. L. Graham, Bounds on Multiprocessing Timing Anomalies, 1969): in terms of W, w and k the least cap
 * that can always be met. A vertex that outweighs the others would make it needlessly wide; the same holds if the j heaviest
 * stay alone and the bound is taken for the others in the k - j groups left. So the cap is the least of these bounds
 * over j, but no less than the heaviest.
 *
 * @param weights whole numbers above 0, at least as many as `groups`
 */
export function balancedCap(weights: readonly number[], groups: number): number {
  const heaviestFirst = weights.toSorted((a, b) => b - a);
  let cap = Number.POSITIVE_INFINITY;
  let left = sum(weights);
  for (let shared = groups; shared >= 1; shared--) {
    const heaviest = heaviestFirst[groups - shared]!;
    cap = Math.min(cap, (left + (shared - 1) * heaviest) / shared);
    left -= heaviest;
  }
  return Math.max(Math.floor(cap), heaviestFirst[0]!);
}

function sum(weights: readonly number[]): number {
  return weights.reduce((total, weight) => total + weight, 0);
}
