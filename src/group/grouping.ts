import type { GroupOf, PartitionProblem } from './pack.ts';

/** The vertices of a graph in groups, with what a local search asks about them again and again. */
export class Grouping {
  readonly groupOf: GroupOf;
  readonly problem: PartitionProblem;
  readonly loads: Float64Array;
  readonly memberCounts: Int32Array;
  groupsInUse = 0;
  /** Traffic of vertex v with group g at [v * mostGroups + g], bytes per second. */
  readonly #shared: Float64Array;
  readonly #all: readonly number[];
  readonly #targets: number[] = [];
  /** Groups with the number of the present listing are in #targets already. */
  readonly #listed: Int32Array;
  #listing = 0;
  #lightest = 0;

  /** Changes `groupOf` itself, which must keep to the problem's limits. */
  constructor(problem: PartitionProblem, groupOf: GroupOf) {
    this.problem = problem;
    this.groupOf = groupOf;
    this.loads = new Float64Array(problem.mostGroups);
    this.memberCounts = new Int32Array(problem.mostGroups);
    this.#all = Array.from(this.loads.keys());
    this.#listed = new Int32Array(problem.mostGroups);
    this.#shared = new Float64Array(problem.graph.vertexCount * problem.mostGroups);
    for (const [vertex, group] of groupOf.entries()) this.#count(vertex, group, 1);
  }

  /** Notes the group that a vertex goes to if it has no traffic with any: to be called before targetsOf. */
  noteLightest(): void {
    this.#lightest = this.loads.indexOf(Math.min(...this.loads));
  }

  /**
   * Groups worth going to: all, or where these are many, those the vertex has traffic with and the lightest. With any
   * other the cut changes as with the lightest. Valid until the next call.
   */
  targetsOf(vertex: number): readonly number[] {
    const { rows, neighbours } = this.problem.graph;
    const [start, end] = [rows[vertex]!, rows[vertex + 1]!];
    if (this.#all.length <= end - start) return this.#all;
    this.#listing++;
    this.#targets.length = 0;
    this.#list(this.#lightest);
    for (let at = start; at < end; at++) this.#list(this.groupOf[neighbours[at]!]!);
    return this.#targets;
  }

  #list(group: number): void {
    if (this.#listed[group] === this.#listing) return;
    this.#listed[group] = this.#listing;
    this.#targets.push(group);
  }

  /** By how much the cut falls when the vertex alone goes to another group. */
  gain(vertex: number, to: number): number {
    const row = vertex * this.problem.mostGroups;
    return this.#shared[row + to]! - this.#shared[row + this.groupOf[vertex]!]!;
  }

  own(vertex: number): number {
    return this.#shared[vertex * this.problem.mostGroups + this.groupOf[vertex]!]!;
  }

  /** Whether the vertex may go there alone. */
  allowsMove(vertex: number, to: number): boolean {
    const from = this.groupOf[vertex]!;
    const { cap, leastGroups, graph } = this.problem;
    if (this.loads[to]! + graph.weights[vertex]! > cap) return false;
    return this.memberCounts[from]! > 1 || this.memberCounts[to] === 0 || this.groupsInUse > leastGroups;
  }

  /** Whether two vertices may change places. */
  allowsSwap(one: number, other: number): boolean {
    const { weights } = this.problem.graph;
    const more = weights[one]! - weights[other]!;
    const { cap } = this.problem;
    return this.loads[this.groupOf[other]!]! + more <= cap && this.loads[this.groupOf[one]!]! - more <= cap;
  }

  move(vertex: number, to: number): void {
    this.#count(vertex, this.groupOf[vertex]!, -1);
    this.groupOf[vertex] = to;
    this.#count(vertex, to, 1);
  }

  #count(vertex: number, group: number, sign: 1 | -1): void {
    const { graph, mostGroups } = this.problem;
    if (sign > 0 && this.memberCounts[group] === 0) this.groupsInUse++;
    this.memberCounts[group]! += sign;
    if (sign < 0 && this.memberCounts[group] === 0) this.groupsInUse--;
    this.loads[group]! += sign * graph.weights[vertex]!;
    for (let at = graph.rows[vertex]!; at < graph.rows[vertex + 1]!; at++) {
      this.#shared[graph.neighbours[at]! * mostGroups + group]! += sign * graph.traffic[at]!;
    }
  }
}
