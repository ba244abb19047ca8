import type { Random } from '../random.ts';
import { edgesOf, type Graph } from './graph.ts';

/**
 * Which groups, and in which order, at once. To cut first and order afterwards is a proxy: what crosses the link while a
 * group moves is the traffic between all moved before it and all others, whatever the groups are; so where the groups end
 * decides what their order can save.
 */
export interface JointProblem {
  readonly graph: Graph;
  /** The most that the members of a group may weigh together. */
  readonly cap: number;
  /** Exactly so many groups; null: as many as split least. */
  readonly groups: number | null;
}

/** Groups of vertices, in the order in which they move. */
export type Arrangement = number[][];

/** What is split may differ by this share of the most that could be, and count as equal. */
const rounding = 1e-12;

/** So many vertices are arranged exactly: the work triples with each, and takes a second or two for so many. */
export const maxExactVertices = 16;

/** The sets of vertices, as bits, that are light enough to be a group. Up to {@link maxExactVertices}. */
export function possibleGroups({ graph, cap }: JointProblem): number[] {
  const weights = sumOverSets(graph.weights);
  const possible: number[] = [];
  for (let set = 1; set < weights.length; set++) if (weights[set]! <= cap) possible.push(set);
  return possible;
}

/** The vertices of a set of bits, in ascending order. */
export function membersOf(set: number): number[] {
  const members: number[] = [];
  for (let rest = set; rest !== 0; rest &= rest - 1) members.push(31 - Math.clz32(rest & -rest));
  return members;
}

/**
 * The arrangement that splits the least bytes, by dynamic programming over what has moved:
 * F(S ∪ G) = min over G of F(S) + t(G) × the traffic between S and the rest. Of arrangements that split equally much, one
 * that has least traffic between its groups, as long as that can be told on the way.
 *
 * @param seconds of each possible group, by its set of bits
 */
export function arrangeExactly(problem: JointProblem, seconds: Float64Array): Arrangement {
  const { graph, groups } = problem;
  const sets = 2 ** graph.vertexCount;
  const crossing = crossingOfSets(graph);
  const possible = new Uint8Array(sets);
  for (const set of possibleGroups(problem)) possible[set] = 1;
  const tolerance = rounding * Math.max(...crossing) * seconds.reduce((most, time) => Math.max(most, time), 0);
  // With a number of groups to keep to, what has moved in so many groups is told apart by their number.
  const layers = groups ?? 1;
  const split = Array.from({ length: layers + 1 }, () => new Float64Array(sets).fill(Number.POSITIVE_INFINITY));
  const cut = split.map(() => new Float64Array(sets));
  const last = split.map(() => new Int32Array(sets));
  split[0]![0] = 0;
  for (let layer = 0; layer < layers; layer++) {
    const into = groups === null ? 0 : layer + 1;
    for (let moved = 0; moved < sets - 1; moved++) {
      const before = split[layer]![moved]!;
      if (before === Number.POSITIVE_INFINITY) continue;
      const cutBefore = cut[layer]![moved]!;
      const rest = sets - 1 - moved;
      for (let group = rest; group !== 0; group = (group - 1) & rest) {
        if (possible[group] === 0) continue;
        const after = moved | group;
        const more = before + seconds[group]! * crossing[moved]! - split[into]![after]!;
        if (more > tolerance) continue;
        const cutAfter = cutBefore + (crossing[moved]! + crossing[group]! - crossing[after]!) / 2;
        if (more >= -tolerance && cutAfter >= cut[into]![after]!) continue;
        split[into]![after] = before + seconds[group]! * crossing[moved]!;
        cut[into]![after] = cutAfter;
        last[into]![after] = group;
      }
    }
  }
  const arrangement: Arrangement = [];
  for (let moved = sets - 1, layer = groups ?? 0; moved !== 0; layer -= groups === null ? 0 : 1) {
    const group = last[layer]![moved]!;
    arrangement.unshift(membersOf(group));
    moved &= ~group;
  }
  return arrangement;
}

/** The traffic between each set of vertices and all others. */
function crossingOfSets(graph: Graph): Float64Array {
  const { vertexCount, rows, neighbours, traffic } = graph;
  const crossing = new Float64Array(2 ** vertexCount);
  for (let set = 1; set < crossing.length; set++) {
    const vertex = 31 - Math.clz32(set & -set);
    const others = set & (set - 1);
    let added = 0;
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) {
      added += others & (1 << neighbours[at]!) ? -traffic[at]! : traffic[at]!;
    }
    crossing[set] = Math.max(0, crossing[others]! + added);
  }
  return crossing;
}

function sumOverSets(values: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** values.length);
  for (let set = 1; set < sums.length; set++) sums[set] = sums[set & (set - 1)]! + values[31 - Math.clz32(set & -set)]!;
  return sums;
}

/** Changes that a search tries: fewer where each is more work. */
const maxTrials = 300_000;
const trialsTimesWork = 4e7;
/** The search begins by accepting changes for the worse of this share of what is split, and ends with one of this. */
const firstHeat = 0.3;
const lastHeat = 1e-5;

/**
 * Improves an arrangement of any size by simulated annealing: a vertex goes to another group or to one of its own, two
 * change places, or a group goes to another place in the order. Changes are judged as if a group took as long as its
 * members one after another.
 *
 * @param seconds of each vertex alone
 */
export function improveArrangement(
  problem: JointProblem,
  beginning: Arrangement,
  seconds: Float64Array,
  random: Random,
): Arrangement {
  const state = new Annealed(problem, beginning, seconds);
  let best = { arrangement: state.arrangement(), bytes: state.splitBytes };
  const work = beginning.length + (2 * problem.graph.neighbours.length) / problem.graph.vertexCount;
  const trials = Math.min(maxTrials, Math.floor(trialsTimesWork / (work * 4)));
  const scale = best.bytes / Math.max(beginning.length, 1);
  for (let trial = 0; trial < trials; trial++) {
    const heat = scale * firstHeat * (lastHeat / firstHeat) ** (trial / trials);
    const before = state.splitBytes;
    const undo = state.change(random);
    if (undo === null) continue;
    const worse = state.splitBytes - before;
    if (worse > 0 && random() >= Math.exp(-worse / heat)) undo();
    else if (state.splitBytes < best.bytes - rounding * Math.abs(best.bytes)) {
      best = { arrangement: state.arrangement(), bytes: state.splitBytes };
    }
  }
  return best.arrangement;
}

/** An arrangement in which a vertex changes its group in a time proportional to the number of groups. */
class Annealed {
  splitBytes = 0;
  readonly #problem: JointProblem;
  readonly #seconds: Float64Array;
  /** The place of each vertex's group in the order. */
  readonly #placeOf: Int32Array;
  /** Of the groups in their order; empty ones may stand among them. */
  readonly #members: number[] = [];
  readonly #loads: number[] = [];
  readonly #times: number[] = [];
  /** The traffic between all in the groups before a place and all others. */
  readonly #crossing: number[] = [];
  readonly #degrees: Float64Array;

  constructor(problem: JointProblem, beginning: Arrangement, seconds: Float64Array) {
    const { graph } = problem;
    this.#problem = problem;
    this.#seconds = seconds;
    this.#placeOf = new Int32Array(graph.vertexCount);
    this.#degrees = Float64Array.from(graph.weights, (_, vertex) =>
      graph.traffic.subarray(graph.rows[vertex], graph.rows[vertex + 1]).reduce((sum, rate) => sum + rate, 0),
    );
    for (const [place, group] of beginning.entries()) for (const vertex of group) this.#placeOf[vertex] = place;
    for (const group of beginning) {
      this.#members.push(group.length);
      this.#loads.push(group.reduce((sum, vertex) => sum + graph.weights[vertex]!, 0));
      this.#times.push(group.reduce((sum, vertex) => sum + seconds[vertex]!, 0));
      this.#crossing.push(0);
    }
    for (const [one, other, rate] of edgesOf(graph)) {
      const [low, high] = [this.#placeOf[one]!, this.#placeOf[other]!].sort((a, b) => a - b);
      for (let place = low! + 1; place <= high!; place++) this.#crossing[place]! += rate;
    }
    this.splitBytes = this.#times.reduce((sum, time, place) => sum + time * this.#crossing[place]!, 0);
  }

  arrangement(): Arrangement {
    const groups: Arrangement = this.#members.map(() => []);
    for (const [vertex, place] of this.#placeOf.entries()) groups[place]!.push(vertex);
    return groups.filter((group) => group.length > 0);
  }

  /** Makes some change that keeps to the limits. Returns what undoes it; null if it was none. */
  change(random: Random): (() => void) | null {
    const pick = (count: number) => Math.floor(random() * count);
    const vertex = pick(this.#placeOf.length);
    const from = this.#placeOf[vertex]!;
    const kind = random();
    if (kind < 0.5) {
      const to = pick(this.#members.length);
      return to === from || !this.#allows(vertex, to) ? null : this.#shifts([[vertex, to]]);
    }
    if (kind < 0.85) {
      const other = pick(this.#placeOf.length);
      const to = this.#placeOf[other]!;
      return to === from || !this.#allowsSwap(vertex, other)
        ? null
        : this.#shifts([
            [vertex, to],
            [other, from],
          ]);
    }
    if (kind < 0.95 || this.#problem.groups !== null) {
      // A group and its neighbour change places.
      const to = from + (random() < 0.5 ? 1 : -1);
      return to < 0 || to >= this.#members.length ? null : this.#exchange(from, to);
    }
    return this.#members[from] === 1 ? null : this.#insert(vertex, pick(this.#members.length + 1));
  }

  #allows(vertex: number, to: number): boolean {
    const { cap, groups, graph } = this.#problem;
    if (groups !== null && this.#members[this.#placeOf[vertex]!] === 1) return false;
    return this.#loads[to]! + graph.weights[vertex]! <= cap;
  }

  #allowsSwap(one: number, other: number): boolean {
    const { weights } = this.#problem.graph;
    const more = weights[one]! - weights[other]!;
    const { cap } = this.#problem;
    return this.#loads[this.#placeOf[other]!]! + more <= cap && this.#loads[this.#placeOf[one]!]! - more <= cap;
  }

  #shifts(shifts: readonly (readonly [vertex: number, to: number])[]): () => void {
    const back = shifts.map(([vertex]) => [vertex, this.#placeOf[vertex]!] as const);
    const before = this.splitBytes;
    for (const [vertex, to] of shifts) this.#shift(vertex, to);
    return () => {
      for (const [vertex, to] of back.toReversed()) this.#shift(vertex, to);
      this.splitBytes = before;
    };
  }

  #exchange(one: number, other: number): () => void {
    const members = [...this.#placeOf.keys()].filter((vertex) => this.#placeOf[vertex] === one);
    const others = [...this.#placeOf.keys()].filter((vertex) => this.#placeOf[vertex] === other);
    return this.#shifts([
      ...members.map((vertex) => [vertex, other] as const),
      ...others.map((vertex) => [vertex, one] as const),
    ]);
  }

  /** A group of its own for the vertex, at this place: an empty one that is there already, or a new one. */
  #insert(vertex: number, place: number): () => void {
    const empty = this.#members.indexOf(0);
    if (empty >= 0) return this.#shifts([[vertex, empty]]);
    this.#members.splice(place, 0, 0);
    this.#loads.splice(place, 0, 0);
    this.#times.splice(place, 0, 0);
    this.#crossing.splice(place, 0, place < this.#crossing.length ? this.#crossing[place]! : 0);
    for (const [at, old] of this.#placeOf.entries()) if (old >= place) this.#placeOf[at] = old + 1;
    return this.#shifts([[vertex, place]]);
  }

  #shift(vertex: number, to: number): void {
    const from = this.#placeOf[vertex]!;
    const time = this.#seconds[vertex]!;
    const weight = this.#problem.graph.weights[vertex]!;
    this.splitBytes -= time * this.#crossing[from]!;
    this.#members[from]!--;
    this.#loads[from]! -= weight;
    this.#times[from]! -= time;
    this.splitBytes += to > from ? this.#cross(vertex, from + 1, to, -1) : this.#cross(vertex, to + 1, from, 1);
    this.#placeOf[vertex] = to;
    this.#members[to]!++;
    this.#loads[to]! += weight;
    this.#times[to]! += time;
    this.splitBytes += time * this.#crossing[to]!;
  }

  /**
   * The vertex joins (1) or leaves (-1) those moved before the places `first` to `last`. Returns by how much that changes
   * what the groups there split.
   */
  #cross(vertex: number, first: number, last: number, sign: 1 | -1): number {
    const { rows, neighbours, traffic } = this.#problem.graph;
    /** Of the vertex' traffic, what is with the group one place before each. */
    const shared = new Float64Array(last - first + 1);
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) {
      const place = this.#placeOf[neighbours[at]!]!;
      if (place < last) shared[Math.max(place + 1 - first, 0)]! += traffic[at]!;
    }
    let withMoved = 0;
    let bytes = 0;
    for (const [at, rate] of shared.entries()) {
      withMoved += rate;
      const more = sign * (this.#degrees[vertex]! - 2 * withMoved);
      this.#crossing[first + at]! += more;
      bytes += this.#times[first + at]! * more;
    }
    return bytes;
  }
}
