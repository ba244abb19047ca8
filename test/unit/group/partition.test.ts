import { describe, expect, it } from 'vitest';
import { partitionExactly } from '../../../src/group/exact.ts';
import { buildGraph, contract, cutOf, type Edge, edgesOf } from '../../../src/group/graph.ts';
import type { PartitionProblem } from '../../../src/group/pack.ts';
import { partition } from '../../../src/group/partition.ts';
import { refine } from '../../../src/group/refine.ts';

function balanced(vertexCount: number, groups: number, edges: Iterable<Edge>): PartitionProblem {
  const graph = buildGraph(new Float64Array(vertexCount).fill(1), edges);
  return { graph, cap: Math.ceil(vertexCount / groups), leastGroups: groups, mostGroups: groups };
}

/** Every two of them share `rate`. */
function clique(vertices: readonly number[], rate: number): Edge[] {
  return vertices.flatMap((one, at) => vertices.slice(at + 1).map((other): Edge => [one, other, rate]));
}

/** A square lattice, with unit traffic between neighbours. */
function lattice(side: number): Edge[] {
  return Array.from({ length: side * side }, (_, at) => at).flatMap((at): Edge[] => [
    ...((at % side < side - 1 ? [[at, at + 1, 1]] : []) as Edge[]),
    ...((at < side * (side - 1) ? [[at, at + side, 1]] : []) as Edge[]),
  ]);
}

describe('partition', () => {
  it('cuts the one weak flow between two cliques', () => {
    const problem = balanced(6, 2, [...clique([0, 2, 4], 10), ...clique([1, 3, 5], 10), [0, 1, 3]]);
    const { groupOf, cutBytesPerSecond, optimal } = partition(problem, 1);
    expect(cutBytesPerSecond).toBe(3);
    expect(optimal).toBe(true);
    expect(new Set([0, 2, 4].map((vertex) => groupOf[vertex])).size).toBe(1);
    expect(new Set([1, 3, 5].map((vertex) => groupOf[vertex])).size).toBe(1);
  });

  it('makes three groups of a directed acyclic graph of nine, as in Fig. 9b', () => {
    // A front end fans out to two services of three domains each, and these to one store each.
    const edges: Edge[] = [
      [0, 1, 40],
      [0, 2, 40],
      [1, 3, 9],
      [2, 6, 8],
      [3, 4, 30],
      [3, 5, 30],
      [6, 7, 20],
      [6, 8, 20],
    ];
    expect(partition(balanced(9, 3, edges), 1)).toMatchObject({ cutBytesPerSecond: 17, optimal: true });
  });

  it('leaves a chain of pairs in as many groups as there are pairs, if that cuts least', () => {
    const edges: Edge[] = [0, 2, 4].map((vertex): Edge => [vertex, vertex + 1, 10]);
    const graph = buildGraph(new Float64Array(6).fill(1), edges);
    const { cutBytesPerSecond } = partition({ graph, cap: 3, leastGroups: 1, mostGroups: 3 }, 1);
    expect(cutBytesPerSecond).toBe(0);
  });

  it('finds the straight cut through a lattice too large to prove it', () => {
    expect(partition(balanced(144, 2, lattice(12)), 1)).toMatchObject({ cutBytesPerSecond: 12, optimal: false });
  });

  it('gives the same groups for the same seed', () => {
    const problem = balanced(100, 5, lattice(10));
    expect(partition(problem, 7)).toEqual(partition(problem, 7));
  });

  it('refuses a cap that no packing meets', () => {
    const graph = buildGraph(Float64Array.of(2, 2, 2), []);
    expect(() => partition({ graph, cap: 3, leastGroups: 2, mostGroups: 2 }, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: 'no groups within the limits were found' }),
    );
  });
});

describe('partitionExactly', () => {
  it('improves on a bad partition to the best', () => {
    const problem = balanced(6, 2, [...clique([0, 2, 4], 10), ...clique([1, 3, 5], 10), [0, 1, 3]]);
    const { groupOf, optimal } = partitionExactly(problem, Int32Array.of(0, 0, 0, 1, 1, 1));
    expect([...groupOf]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(optimal).toBe(true);
  });
});

describe('refine', () => {
  it('swaps members of groups that are full', () => {
    const problem = balanced(4, 2, [
      [0, 1, 5],
      [2, 3, 5],
    ]);
    const groupOf = Int32Array.of(0, 1, 0, 1);
    refine(problem, groupOf);
    expect(cutOf(problem.graph, groupOf)).toBe(0);
  });

  it('does not empty a group that is wanted', () => {
    const problem = { ...balanced(2, 2, [[0, 1, 5]]), cap: 2 };
    const groupOf = Int32Array.of(0, 1);
    refine(problem, groupOf);
    expect([...groupOf]).toEqual([0, 1]);
  });
});

describe('a graph', () => {
  const graph = buildGraph(Float64Array.of(1, 2, 3), [
    [0, 1, 5],
    [1, 0, 2],
    [2, 2, 9],
    [1, 2, 0],
    [2, 1, 4],
  ]);

  it('adds up flows between the same two, both ways, and leaves out those that never cross the link', () => {
    expect([...edgesOf(graph)]).toEqual([
      [0, 1, 7],
      [1, 2, 4],
    ]);
  });

  it('keeps weights and the traffic between groups when it is contracted', () => {
    const groups = contract(graph, Int32Array.of(0, 0, 1), 2);
    expect([...groups.weights]).toEqual([3, 3]);
    expect([...edgesOf(groups)]).toEqual([[0, 1, 4]]);
  });
});
