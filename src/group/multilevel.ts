import type { Random } from '../random.ts';
import { coarsen } from './coarsen.ts';
import { type GroupOf, type PartitionProblem, packEvenly } from './pack.ts';
import { refine } from './refine.ts';

/** A graph this small is not made smaller still; nor is one with fewer than two vertices for each group. */
const coarsestVertices = 20;
/** A round of matching that leaves more than this share of the vertices is not worth its level. */
const mostLeft = 0.95;
/** Merged vertices weigh no more than this share of the cap: pieces small enough to be packed. */
const heaviestPiece = 1 / 3;

/** Where a descent starts. */
export type Start = (problem: PartitionProblem, random: Random) => GroupOf | undefined;

/** Known groups to start from. */
interface Known {
  readonly groupOf: GroupOf;
  /** Only vertices of one block may be merged. Blocks are parts of groups. */
  readonly blockOf: GroupOf;
}

/**
 * Partitions a coarse version of the graph first, where one step moves whole clusters, and refines the result on each
 * finer version up to the graph itself.
 *
 * @param start groups for the coarsest version; where it finds none, those of `packEvenly` on the next finer one on
 * which these exist
 */
export function partitionByLevels(problem: PartitionProblem, random: Random, start: Start): GroupOf | undefined {
  const coarser = coarserVersion(problem, problem.cap * heaviestPiece, random);
  const coarse = coarser && partitionByLevels(coarser.problem, random, start);
  const groupOf =
    coarser && coarse ? uncoarsen(coarse, coarser.coarseOf) : (start(problem, random) ?? packEvenly(problem));
  if (groupOf !== undefined) refine(problem, groupOf);
  return groupOf;
}

/**
 * Crosses two partitions (Sanders and Schulz, Distributed Evolutionary Graph Partitioning, 2012): clusters are made of
 * vertices that both put together, so what both agree on moves as a whole and the search goes on where they differ.
 * The result is no worse than `better`.
 */
export function cross(problem: PartitionProblem, random: Random, better: GroupOf, other: GroupOf): GroupOf {
  const blockOf = better.map((group, vertex) => group * problem.mostGroups + other[vertex]!);
  return improveByLevels(problem, random, { groupOf: better, blockOf });
}

function improveByLevels(problem: PartitionProblem, random: Random, known: Known): GroupOf {
  const coarser = coarserVersion(problem, problem.cap, random, known.blockOf);
  if (coarser === undefined) {
    const groupOf = known.groupOf.slice();
    refine(problem, groupOf);
    return groupOf;
  }
  const { coarseOf } = coarser;
  const { vertexCount } = coarser.problem.graph;
  const inner = { groupOf: new Int32Array(vertexCount), blockOf: new Int32Array(vertexCount) };
  for (const [vertex, coarse] of coarseOf.entries()) {
    inner.groupOf[coarse] = known.groupOf[vertex]!;
    inner.blockOf[coarse] = known.blockOf[vertex]!;
  }
  const groupOf = uncoarsen(improveByLevels(coarser.problem, random, inner), coarseOf);
  refine(problem, groupOf);
  return groupOf;
}

/** Undefined where the graph is small enough, or hardly gets smaller. */
function coarserVersion(problem: PartitionProblem, heaviest: number, random: Random, within?: GroupOf) {
  const { vertexCount } = problem.graph;
  if (vertexCount <= Math.max(coarsestVertices, 2 * problem.mostGroups)) return undefined;
  const coarser = coarsen(problem, heaviest, random, within);
  return coarser.problem.graph.vertexCount <= vertexCount * mostLeft ? coarser : undefined;
}

function uncoarsen(coarse: GroupOf, coarseOf: Int32Array): GroupOf {
  return Int32Array.from(coarseOf, (vertex) => coarse[vertex]!);
}
