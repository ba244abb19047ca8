import { type Graph, trafficOf } from './graph.ts';
import { Grouping } from './grouping.ts';
import type { GroupOf, PartitionProblem } from './pack.ts';

/** A vertex goes to another group; in a swap, a member of that one comes back for it. */
interface Step {
  readonly vertex: number;
  readonly to: number;
  readonly partner: number | undefined;
  /** By how much the cut falls; below 0: it grows. */
  readonly gain: number;
}

/** A pass ends after so many steps without a new least cut. */
const patience = 100;
/** A gain below this share of all traffic may be rounding alone. */
const rounding = 1e-12;

/**
 * Lowers the cut of `groupOf`, in place, by the local search of Fiduccia and Mattheyses (A Linear-Time Heuristic for
 * Improving Network Partitions, 1982), for k groups with a hard cap: in a pass each vertex changes its group once at most;
 * the best step is taken again and again, also where it makes the cut grow, and at the end all steps after the least
 * cut are undone. Passes go on until one gains nothing. Besides moves there are swaps: between groups that are full, no
 * single move is possible.
 */
export function refine(problem: PartitionProblem, groupOf: GroupOf): void {
  const pass = new Pass(problem, groupOf);
  while (pass.run());
}

class Pass {
  readonly #graph: Graph;
  readonly #groups: Grouping;
  readonly #leastGain: number;
  readonly #locked: Uint8Array;
  /** The most that each free vertex gains by going elsewhere, room or not. */
  readonly #mostGain: Float64Array;
  /** Traffic of each vertex with the one whose swaps are looked at; all 0 otherwise. */
  readonly #between: Float64Array;

  constructor(problem: PartitionProblem, groupOf: GroupOf) {
    this.#graph = problem.graph;
    this.#groups = new Grouping(problem, groupOf);
    this.#leastGain = rounding * trafficOf(problem.graph);
    this.#locked = new Uint8Array(problem.graph.vertexCount);
    this.#mostGain = new Float64Array(problem.graph.vertexCount);
    this.#between = new Float64Array(problem.graph.vertexCount);
  }

  /** Whether the cut is less than before. */
  run(): boolean {
    const done: { vertex: number; from: number }[] = [];
    let gained = 0;
    let most = 0;
    let kept = 0;
    let fruitless = 0;
    this.#locked.fill(0);
    for (let step = this.#best(); step !== undefined && fruitless < patience; step = this.#best()) {
      const { vertex, to, partner } = step;
      const from = this.#groups.groupOf[vertex]!;
      this.#change(vertex, to);
      done.push({ vertex, from });
      if (partner !== undefined) {
        this.#change(partner, from);
        done.push({ vertex: partner, from: to });
      }
      gained += step.gain;
      fruitless++;
      if (gained > most + this.#leastGain) {
        most = gained;
        kept = done.length;
        fruitless = 0;
      }
    }
    for (const { vertex, from } of done.slice(kept).reverse()) this.#groups.move(vertex, from);
    return kept > 0;
  }

  #change(vertex: number, to: number): void {
    this.#groups.move(vertex, to);
    this.#locked[vertex] = 1;
  }

  #best(): Step | undefined {
    this.#groups.noteLightest();
    const free = this.#freeMembers();
    const move = this.#bestMove(free);
    for (const members of free) members.sort((a, b) => this.#mostGain[b]! - this.#mostGain[a]!);
    return this.#bestSwap(free, move?.gain ?? Number.NEGATIVE_INFINITY) ?? move;
  }

  #freeMembers(): number[][] {
    const free: number[][] = Array.from(this.#groups.loads, () => []);
    for (const [vertex, group] of this.#groups.groupOf.entries()) {
      if (this.#locked[vertex] === 0) free[group]!.push(vertex);
    }
    return free;
  }

  /** Also notes each vertex's most gain. */
  #bestMove(free: readonly number[][]): Step | undefined {
    const groups = this.#groups;
    let best: Step | undefined;
    for (const [from, members] of free.entries()) {
      for (const vertex of members) {
        let most = Number.NEGATIVE_INFINITY;
        for (const to of groups.targetsOf(vertex)) {
          if (to === from) continue;
          const gain = groups.gain(vertex, to);
          if (gain > most) most = gain;
          if ((best === undefined || gain > best.gain) && groups.allowsMove(vertex, to)) {
            best = { vertex, to, partner: undefined, gain };
          }
        }
        this.#mostGain[vertex] = most;
      }
    }
    return best;
  }

  /**
   * Undefined where none gains more than `atLeast`. No swap gains more than its two moves would, so with each group's
   * members in the order of what they gain at most, few pairs need a look.
   */
  #bestSwap(free: readonly number[][], atLeast: number): Step | undefined {
    const groups = this.#groups;
    let best: Step | undefined;
    let bestGain = atLeast;
    const mostOfAny = free.reduce((most, [first]) => Math.max(most, this.#mostGainOf(first)), Number.NEGATIVE_INFINITY);
    for (const [from, members] of free.entries()) {
      for (const vertex of members) {
        if (this.#mostGain[vertex]! + mostOfAny <= bestGain) break;
        let noted = false;
        for (const to of groups.targetsOf(vertex)) {
          if (to === from) continue;
          const gain = groups.gain(vertex, to);
          for (const partner of free[to]!) {
            if (gain + this.#mostGain[partner]! <= bestGain) break;
            if (!noted) this.#noteTraffic(vertex);
            noted = true;
            const both = gain + groups.gain(partner, from) - 2 * this.#between[partner]!;
            if (both > bestGain && groups.allowsSwap(vertex, partner)) {
              bestGain = both;
              best = { vertex, to, partner, gain: both };
            }
          }
        }
        if (noted) this.#forgetTraffic(vertex);
      }
    }
    return best;
  }

  #mostGainOf(vertex: number | undefined): number {
    return vertex === undefined ? Number.NEGATIVE_INFINITY : this.#mostGain[vertex]!;
  }

  #noteTraffic(vertex: number): void {
    const { rows, neighbours, traffic } = this.#graph;
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) this.#between[neighbours[at]!] = traffic[at]!;
  }

  #forgetTraffic(vertex: number): void {
    const { rows, neighbours } = this.#graph;
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) this.#between[neighbours[at]!] = 0;
  }
}
