import { type Random, shuffledIndices } from '../random.ts';
import { contract, type Graph } from './graph.ts';
import type { GroupOf, PartitionProblem } from './pack.ts';

/** A smaller version of a problem: pairs of vertices that share much traffic have become one. */
export interface Coarser {
  readonly problem: PartitionProblem;
  /** The vertex of the smaller graph that each of the larger has become part of. */
  readonly coarseOf: Int32Array;
}

/**
 * Heavy-edge matching (Karypis and Kumar, A Fast and High Quality Multilevel Scheme for Partitioning Irregular Graphs,
 * 1998): in random order, each vertex is merged with the unmatched neighbour it shares most traffic with.
 *
 * @param heaviest no merged vertex weighs more, so that they still fit together into groups
 * @param within merge only members of the same group of it
 */
export function coarsen(
  problem: PartitionProblem,
  heaviest: number,
  random: Random,
  within: GroupOf | undefined,
): Coarser {
  const { graph } = problem;
  const coarseOf = new Int32Array(graph.vertexCount).fill(-1);
  let coarseCount = 0;
  for (const vertex of shuffledIndices(graph.vertexCount, random)) {
    if (coarseOf[vertex] !== -1) continue;
    const partner = partnerOf(graph, vertex, (other) => {
      if (coarseOf[other] !== -1 || graph.weights[vertex]! + graph.weights[other]! > heaviest) return false;
      return within === undefined || within[vertex] === within[other];
    });
    if (partner !== undefined) coarseOf[partner] = coarseCount;
    coarseOf[vertex] = coarseCount++;
  }
  return { problem: { ...problem, graph: contract(graph, coarseOf, coarseCount) }, coarseOf };
}

function partnerOf(graph: Graph, vertex: number, mayMerge: (other: number) => boolean): number | undefined {
  let partner: number | undefined;
  let most = 0;
  for (let at = graph.rows[vertex]!; at < graph.rows[vertex + 1]!; at++) {
    if (graph.traffic[at]! > most && mayMerge(graph.neighbours[at]!)) {
      partner = graph.neighbours[at]!;
      most = graph.traffic[at]!;
    }
  }
  return partner;
}
