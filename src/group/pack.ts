import { type Random, shuffledIndices } from '../random.ts';
import type { Graph } from './graph.ts';

/** A graph to cut into groups. */
export interface PartitionProblem {
  readonly graph: Graph;
  /** The most that the members of a group may weigh together. */
  readonly cap: number;
  /** At least and at most so many groups have members. */
  readonly leastGroups: number;
  readonly mostGroups: number;
}

/** The group of each vertex: numbers from 0 to `mostGroups` - 1. */
export type GroupOf = Int32Array<ArrayBuffer>;

/** Which of `groups`, those with room, a vertex joins. */
type Choice = (groups: readonly number[], vertex: number, loads: Float64Array, groupOf: GroupOf) => number;

/**
 * Heaviest first, each into the lightest group. This always fits what `partitionProblem` makes of an application
 * (limit.ts), and may not fit a coarser version of it: then undefined.
 */
export function packEvenly(problem: PartitionProblem): GroupOf | undefined {
  const { weights } = problem.graph;
  const heaviestFirst = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  const lightest: Choice = (groups, _vertex, loads) =>
    groups.reduce((best, group) => (loads[group]! < loads[best]! ? group : best));
  return pack(problem, heaviestFirst, lightest);
}

/** In random order, each into any group; undefined where the last ones do not fit any more. */
export function packAnyhow(problem: PartitionProblem, random: Random): GroupOf | undefined {
  const order = shuffledIndices(problem.graph.vertexCount, random);
  return pack(problem, order, (groups) => groups[Math.floor(random() * groups.length)]!);
}

/** In random order, each into the group it has most traffic with; undefined where the last ones do not fit any more. */
export function packByTraffic(problem: PartitionProblem, random: Random): GroupOf | undefined {
  const { rows, neighbours, traffic, vertexCount } = problem.graph;
  const shared = new Float64Array(problem.mostGroups);
  return pack(problem, shuffledIndices(vertexCount, random), (groups, vertex, _loads, groupOf) => {
    shared.fill(0);
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) {
      const group = groupOf[neighbours[at]!]!;
      if (group >= 0) shared[group]! += traffic[at]!;
    }
    const most = groups.reduce((best, group) => Math.max(best, shared[group]!), 0);
    const equals = groups.filter((group) => shared[group] === most);
    return equals[Math.floor(random() * equals.length)]!;
  });
}

function pack(problem: PartitionProblem, order: readonly number[], choose: Choice): GroupOf | undefined {
  const { graph, cap, leastGroups, mostGroups } = problem;
  const groupOf: GroupOf = new Int32Array(graph.vertexCount).fill(-1);
  const loads = new Float64Array(mostGroups);
  const all = [...loads.keys()];
  let used = 0;
  for (const [placed, vertex] of order.entries()) {
    const weight = graph.weights[vertex]!;
    const mustOpen = order.length - placed <= leastGroups - used;
    const open = all.filter((group) => (mustOpen ? loads[group] === 0 : loads[group]! + weight <= cap));
    if (open.length === 0) return undefined;
    const group = choose(open, vertex, loads, groupOf);
    if (loads[group] === 0) used++;
    groupOf[vertex] = group;
    loads[group]! += weight;
  }
  return groupOf;
}
