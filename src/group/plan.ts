import { argumentError, requireInteger, requireObject, shown } from '../model/check.ts';
import { type Application, numberApplication } from './application.ts';
import { type GroupLimit, partitionProblem } from './limit.ts';
import type { Ties } from './order-problem.ts';
import { partition } from './partition.ts';
import { type GroupDuration, type GroupSequence, sequenceGroups } from './sequence.ts';

export interface GroupingOptions {
  readonly limit: GroupLimit;
  readonly duration: GroupDuration;
  /** Which way a directed acyclic graph is walked where the order does not matter otherwise. Default 'sources-first'. */
  readonly ties?: Ties;
  /** An integer in [0, 2^32); the same always gives the same plan. Only searches depend on it: default 1. */
  readonly seed?: number;
}

/** Groups in the order in which they move, and what else could be done. */
export interface GroupPlan extends GroupSequence {
  /** Traffic between different groups. */
  readonly cutBytesPerSecond: number;
  /** Proven: no groups within the limit have less traffic between them. Up to 20 domains nearly always so. */
  readonly cutIsOptimal: boolean;
  /** Each domain a group of its own, in an order found in the same way. */
  readonly oneByOne: GroupSequence;
  /** All domains one group: nothing is ever split, and all share the link. */
  readonly allAtOnce: GroupSequence;
}

/**
 * Divides an application into groups that migrate one after another (paper, section 4.3 and Fig. 9b): with as little traffic
 * between the groups as the limit on their size permits, and in the order in which the least of it crosses the link.
 *
 * Exact for small applications, a search for larger ones, which takes some seconds for 200 domains and up to a minute for
 * 2000. The search is Fiduccia and Mattheyses', as in the paper, with swaps, on several levels, from several starts.
 *
 * Least traffic between groups does not always mean least split traffic: where everybody talks to everybody, groups do not
 * help, and `oneByOne` may split less. The plan tells.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function planGroups(application: Application, options: GroupingOptions): GroupPlan {
  requireObject('options', options);
  const { limit, duration, ties = 'sources-first', seed = 1 } = options;
  requireInteger('seed', seed, 0, 2 ** 32 - 1);
  if (ties !== 'sources-first' && ties !== 'sinks-first') {
    throw argumentError(`ties must be 'sources-first' or 'sinks-first', not ${shown(ties)}`);
  }
  const numbered = numberApplication(application);
  const problem = partitionProblem(numbered, limit);
  const { groupOf, cutBytesPerSecond, optimal } = partition(problem, seed);
  const groups = Array.from({ length: problem.mostGroups }, (): number[] => []);
  for (const [domain, group] of groupOf.entries()) groups[group]!.push(domain);
  const domains = numbered.names.map((_, domain) => domain);
  const sequence = (parts: readonly (readonly number[])[]) => sequenceGroups(numbered, parts, { duration, ties, seed });
  return {
    ...sequence(groups.filter((group) => group.length > 0)),
    cutBytesPerSecond,
    cutIsOptimal: optimal,
    oneByOne: sequence(domains.map((domain) => [domain])),
    allAtOnce: sequence([domains]),
  };
}
