import { cutOf, type Graph, type Neighbour, neighboursOf, trafficOf } from './graph.ts';
import type { GroupOf, PartitionProblem } from './pack.ts';

/** So many partial partitions are looked at before the search gives up: a second or two. */
const mostVisits = 1_000_000;
/** Cuts that differ by less than this share of all traffic count as equal. */
const rounding = 1e-12;

/**
 * Branch and bound for few vertices (20 or so). Vertices are placed one after another, those with much traffic to the
 * ones already placed first. As groups have no names, a vertex may open one new group only, and no two branches are
 * the same partition. What each unplaced vertex must cost at least, by itself in the group that suits it best and with
 * no more company there than there is room for, bounds the cut from below.
 *
 * @param known a partition within the limits, the better the faster
 * @returns the partition of least cut, and whether that is proven: false if the search gave up, then with the best
 * partition seen so far
 */
export function partitionExactly(problem: PartitionProblem, known: GroupOf): { groupOf: GroupOf; optimal: boolean } {
  const search = new Search(problem, known);
  search.place(0, 0);
  return { groupOf: search.best, optimal: search.visits <= mostVisits };
}

class Search {
  best: GroupOf;
  visits = 0;
  #leastCut: number;
  #groupsInUse = 0;
  readonly #problem: PartitionProblem;
  readonly #order: Int32Array;
  readonly #groupOf: GroupOf;
  /** Everything below is about the vertices placed so far. */
  readonly #placed: Uint8Array;
  readonly #loads: Float64Array;
  /** Traffic of vertex v with what is placed in group g, at [v * mostGroups + g]. */
  readonly #shared: Float64Array;
  /** Traffic of each vertex with all that is placed. */
  readonly #sharedWithAll: Float64Array;
  /** The neighbours of each vertex, the one with the most traffic first. */
  readonly #neighbours: readonly (readonly Neighbour[])[];
  readonly #lightest: number;
  readonly #tolerance: number;

  constructor(problem: PartitionProblem, known: GroupOf) {
    const { graph, mostGroups } = problem;
    this.#problem = problem;
    this.best = known;
    this.#leastCut = cutOf(graph, known);
    this.#order = byTrafficWithEarlier(graph);
    this.#groupOf = new Int32Array(graph.vertexCount);
    this.#placed = new Uint8Array(graph.vertexCount);
    this.#loads = new Float64Array(mostGroups);
    this.#shared = new Float64Array(graph.vertexCount * mostGroups);
    this.#sharedWithAll = new Float64Array(graph.vertexCount);
    this.#neighbours = Array.from(graph.weights, (_, vertex) =>
      neighboursOf(graph, vertex).sort((a, b) => b.bytesPerSecond - a.bytesPerSecond),
    );
    this.#lightest = Math.min(...graph.weights);
    this.#tolerance = rounding * trafficOf(graph);
  }

  /** Places the vertex at `depth` of the order and those after it; `cut` is the traffic cut among those before it. */
  place(depth: number, cut: number): void {
    if (depth === this.#order.length) {
      this.best = this.#groupOf.slice();
      this.#leastCut = cut;
      return;
    }
    const { graph, cap, leastGroups, mostGroups } = this.#problem;
    const vertex = this.#order[depth]!;
    const weight = graph.weights[vertex]!;
    const mustOpen = this.#order.length - depth <= leastGroups - this.#groupsInUse;
    const newGroup = this.#groupsInUse;
    for (let group = mustOpen ? newGroup : 0; group <= newGroup && group < mostGroups; group++) {
      if (this.#loads[group]! + weight > cap) continue;
      if (this.visits++ >= mostVisits) return;
      const cutSoFar = cut + this.#sharedWithAll[vertex]! - this.#shared[vertex * mostGroups + group]!;
      if (group === newGroup) this.#groupsInUse++;
      this.#count(vertex, group, 1);
      if (this.#leastRest(depth + 1) + cutSoFar < this.#leastCut - this.#tolerance) {
        this.#groupOf[vertex] = group;
        this.place(depth + 1, cutSoFar);
      }
      this.#count(vertex, group, -1);
      if (group === newGroup) this.#groupsInUse--;
    }
  }

  /**
   * The least that the vertices from `depth` on add to the cut; infinite where one of them has no room. Traffic between
   * two of them counts half at either end.
   */
  #leastRest(depth: number): number {
    const { graph, cap, mostGroups } = this.#problem;
    let least = 0;
    for (let at = depth; at < this.#order.length; at++) {
      const vertex = this.#order[at]!;
      const room = cap - graph.weights[vertex]!;
      const company = this.#mostWithUnplaced(vertex);
      const keep = (left: number) => company[Math.min(company.length - 1, Math.floor(left / this.#lightest))]! / 2;
      let mostKept = this.#groupsInUse < mostGroups ? keep(room) : Number.NEGATIVE_INFINITY;
      for (let group = 0; group < this.#groupsInUse; group++) {
        const left = room - this.#loads[group]!;
        if (left >= 0) mostKept = Math.max(mostKept, this.#shared[vertex * mostGroups + group]! + keep(left));
      }
      least += this.#sharedWithAll[vertex]! + company[company.length - 1]! / 2 - mostKept;
    }
    return least;
  }

  /** At [n], the most traffic that the vertex has with n unplaced ones; the last is with all of them. */
  #mostWithUnplaced(vertex: number): number[] {
    const sums = [0];
    for (const { neighbour, bytesPerSecond } of this.#neighbours[vertex]!) {
      if (this.#placed[neighbour] === 0) sums.push(sums[sums.length - 1]! + bytesPerSecond);
    }
    return sums;
  }

  #count(vertex: number, group: number, sign: 1 | -1): void {
    const { graph, mostGroups } = this.#problem;
    this.#placed[vertex] = sign > 0 ? 1 : 0;
    this.#loads[group]! += sign * graph.weights[vertex]!;
    for (const { neighbour, bytesPerSecond } of this.#neighbours[vertex]!) {
      this.#shared[neighbour * mostGroups + group]! += sign * bytesPerSecond;
      this.#sharedWithAll[neighbour]! += sign * bytesPerSecond;
    }
  }
}

/** The vertex with the most traffic, then again and again the one with the most traffic to those before it. */
function byTrafficWithEarlier(graph: Graph): Int32Array {
  const order = new Int32Array(graph.vertexCount);
  const traffic = Float64Array.from(order, (_, vertex) =>
    neighboursOf(graph, vertex).reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
  );
  const withEarlier = new Float64Array(graph.vertexCount);
  const left = new Set(order.keys());
  for (const depth of order.keys()) {
    const next = [...left].reduce((best, vertex) => {
      const more = withEarlier[vertex]! - withEarlier[best]! || traffic[vertex]! - traffic[best]!;
      return more > 0 ? vertex : best;
    });
    order[depth] = next;
    left.delete(next);
    for (const { neighbour, bytesPerSecond } of neighboursOf(graph, next)) withEarlier[neighbour]! += bytesPerSecond;
  }
  return order;
}
