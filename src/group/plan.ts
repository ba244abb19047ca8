import { argumentError, requireInteger, requireObject, shown } from '../model/check.ts';
import { seededRandom } from '../random.ts';
import { type Application, type NumberedApplication, numberApplication } from './application.ts';
import {
  type Arrangement,
  arrangeExactly,
  improveArrangement,
  type JointProblem,
  maxExactVertices,
  membersOf,
  possibleGroups,
} from './joint.ts';
import { type GroupLimit, partitionProblem } from './limit.ts';
import type { Ties } from './order-problem.ts';
import type { GroupOf } from './pack.ts';
import { partition } from './partition.ts';
import { type GroupDuration, type GroupSequence, secondsOfGroup, sequenceGroups } from './sequence.ts';

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
  /** Proven: no groups within the limit have less traffic between them. */
  readonly cutIsOptimal: boolean;
  /**
   * Proven: no groups within the limit, in whatever order, split less. Up to 16 domains always so where durations follow
   * from a rate; where they are predicted, as long as that takes no more than 20 000 predictions.
   */
  readonly splitIsOptimal: boolean;
  /** Each domain a group of its own, in an order found in the same way. */
  readonly oneByOne: GroupSequence;
  /** All domains one group: nothing is ever split, and all share the link. */
  readonly allAtOnce: GroupSequence;
}

/** Asking how long a group takes may cost a solver's run: a few seconds in all. */
const maxPredictions = 20_000;

/**
 * Divides an application into groups that migrate one after another (paper, section 4.3 and Fig. 9b), such that as little as
 * possible of its traffic crosses the link meanwhile: groups within the limit and their order, both at once.
 *
 * Exact up to 16 domains. A search for more: from the groups of least traffic between them, found as in the paper
 * (Fiduccia and Mattheyses, with swaps, on several levels, from several starts), on to less split traffic. It takes some
 * seconds for 200 domains and up to a minute for 2000.
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
  const least = partition(problem, seed);
  const sequence = (parts: readonly (readonly number[])[]) => sequenceGroups(numbered, parts, { duration, ties, seed });
  const joint: JointProblem = { ...problem, groups: 'groups' in limit ? limit.groups : null };
  const exact = exactGroups(numbered, joint, duration);
  const found = exact ? sequence(exact) : searched(numbered, joint, least.groupOf, { duration, sequence, seed });
  const cutBytesPerSecond = cutBetween(numbered, found);
  const domains = numbered.names.map((_, domain) => domain);
  return {
    ...found,
    splitIsOptimal: exact !== null || found.splitBytes === 0,
    cutBytesPerSecond,
    cutIsOptimal: least.optimal && cutBytesPerSecond <= least.cutBytesPerSecond * (1 + 1e-9),
    oneByOne: sequence(domains.map((domain) => [domain])),
    allAtOnce: sequence([domains]),
  };
}

/** null where there are too many domains, or too many groups to ask how long they take. */
function exactGroups(
  application: NumberedApplication,
  problem: JointProblem,
  duration: GroupDuration,
): Arrangement | null {
  if (application.names.length > maxExactVertices) return null;
  const possible = possibleGroups(problem);
  if ('predictSeconds' in duration && possible.length > maxPredictions) return null;
  const seconds = new Float64Array(2 ** application.names.length);
  for (const set of possible) seconds[set] = secondsOfGroup(application, membersOf(set), duration);
  return arrangeExactly(problem, seconds);
}

/** The better of the least cut in its best order, and what the search for both at once makes of it. */
function searched(
  application: NumberedApplication,
  problem: JointProblem,
  leastCut: GroupOf,
  {
    duration,
    sequence,
    seed,
  }: { duration: GroupDuration; sequence: (parts: Arrangement) => GroupSequence; seed: number },
): GroupSequence {
  const numberOf = new Map(application.names.map((name, number) => [name, number]));
  const groups = Array.from({ length: Math.max(...leastCut) + 1 }, (): number[] => []);
  for (const [domain, group] of leastCut.entries()) groups[group]!.push(domain);
  const cutFirst = sequence(groups.filter((group) => group.length > 0));
  if (cutFirst.splitBytes === 0) return cutFirst;
  const beginning = cutFirst.steps.map((step) => step.domains.map((name) => numberOf.get(name)!));
  const alone = Float64Array.from(application.names, (_, domain) => secondsOfGroup(application, [domain], duration));
  const improved = sequence(improveArrangement(problem, beginning, alone, seededRandom(seed)));
  return improved.splitBytes < cutFirst.splitBytes ? improved : cutFirst;
}

function cutBetween({ names, flows }: NumberedApplication, { steps }: GroupSequence): number {
  const groupOf = new Map(steps.flatMap((step, group) => step.domains.map((name) => [name, group] as const)));
  return flows.reduce(
    (sum, [from, to, rate]) => (groupOf.get(names[from]!) === groupOf.get(names[to]!) ? sum : sum + rate),
    0,
  );
}
