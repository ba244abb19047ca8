import { type Random, shuffledIndices } from '../random.ts';
import type { OrderProblem } from './order-problem.ts';

/** Kicks in all: fewer for many groups, as the work of one grows with the square of their number. */
const mostKicks = 1000;
const kicksTimesGroupsSquared = 4e6;
/** In several independent runs, as one may stay in a corner; but a run of few kicks is no use. */
const mostRuns = 4;
const leastKicksPerRun = 100;
/** What is saved below this share of the most that could be split is rounding. */
const rounding = 1e-12;

/**
 * A good order of any number of groups, by iterated local search: single groups are taken to better places until none has
 * one; then two neighbouring stretches of the order change places, either of them maybe turned round, and it starts anew.
 */
export function searchOrder(problem: OrderProblem, random: Random): number[] {
  const { groupCount } = problem;
  const kicks = Math.min(mostKicks, kicksTimesGroupsSquared / groupCount ** 2);
  const runs = Math.max(1, Math.min(mostRuns, Math.floor(kicks / leastKicksPerRun)));
  let best = settle(problem, greedyOrder(problem));
  for (let run = 0; run < runs; run++) {
    let current = run === 0 ? best : settle(problem, shuffledIndices(groupCount, random));
    for (let kick = 1; kick <= kicks / runs; kick++) {
      const next = settle(problem, kicked(current.order, random));
      if (next.splitBytes <= current.splitBytes) current = next;
    }
    if (current.splitBytes < best.splitBytes) best = current;
  }
  return best.order;
}

/**
 * Next is always the group that adds the least split traffic for its time. This is how neighbours in an order should
 * stand: a before b splits t_a s + t_b (s + a's share), b before a splits t_b s + t_a (s + b's share).
 */
function greedyOrder(problem: OrderProblem): number[] {
  const order: number[] = [];
  const left = new Set(problem.seconds.keys());
  const added = Float64Array.from(problem.seconds, (_, group) => problem.degree(group));
  while (left.size > 0) {
    const next = [...left].reduce((best, group) =>
      added[group]! * problem.seconds[best]! < added[best]! * problem.seconds[group]! ? group : best,
    );
    order.push(next);
    left.delete(next);
    for (const group of left) added[group]! -= 2 * problem.between(group, next);
  }
  return order;
}

function kicked(order: readonly number[], random: Random): number[] {
  const ends = [random(), random(), random()].map((share) => Math.floor(share * (order.length + 1)));
  const [start, middle, end] = ends.sort((a, b) => a - b);
  const first = order.slice(start, middle);
  const second = order.slice(middle, end);
  if (random() < 0.5) first.reverse();
  if (random() < 0.5) second.reverse();
  return [...order.slice(0, start), ...second, ...first, ...order.slice(end)];
}

/** Takes one group after another to its best place, until no group has a better one. */
function settle(problem: OrderProblem, beginning: readonly number[]): { order: number[]; splitBytes: number } {
  const leastSaved = rounding * problem.mostSplitBytes;
  let order = [...beginning];
  for (let saved = Number.POSITIVE_INFINITY; saved > leastSaved; ) {
    // Anew in each sweep, so that rounding does not add up.
    const sequence = new Sequence(problem, order);
    saved = 0;
    for (let group = 0; group < problem.groupCount; group++) saved += sequence.replace(group);
    order = sequence.order;
  }
  return { order, splitBytes: problem.splitBytes(order) };
}

/** An order in which a group can change its place in a time proportional to the number of groups. */
class Sequence {
  readonly order: number[];
  readonly #problem: OrderProblem;
  /** The split traffic before the first group, and after each. */
  readonly #rates: number[];

  constructor(problem: OrderProblem, order: readonly number[]) {
    this.#problem = problem;
    this.order = [...order];
    this.#rates = problem.splitRates(order);
  }

  /** Takes the group to its best place. Returns by how many bytes less is split. */
  replace(group: number): number {
    const place = this.order.indexOf(group);
    const added = this.#takeOut(group, place);
    const { seconds } = this.#problem;
    let best = this.order.length;
    // What is split, compared with the group being last.
    let [bytes, least, before] = [0, 0, 0];
    for (let at = this.order.length - 1; at >= 0; at--) {
      const groupMovesSooner = seconds[group]! * (this.#rates[at]! - this.#rates[at + 1]!);
      const passedMovesAfterIt = seconds[this.order[at]!]! * added[at]!;
      bytes += groupMovesSooner + passedMovesAfterIt;
      if (at === place) before = bytes;
      if (bytes < least) [best, least] = [at, bytes];
    }
    this.#putIn(group, best, added);
    return before - least;
  }

  /** Returns what the group, had it moved, would add to the split traffic after each number of the others. */
  #takeOut(group: number, place: number): number[] {
    this.order.splice(place, 1);
    const added = [this.#problem.degree(group)];
    for (const [at, other] of this.order.entries()) added.push(added[at]! - 2 * this.#problem.between(group, other));
    this.#rates.splice(place + 1, 1);
    for (let at = place + 1; at < this.#rates.length; at++) this.#rates[at]! -= added[at]!;
    return added;
  }

  #putIn(group: number, place: number, added: readonly number[]): void {
    this.order.splice(place, 0, group);
    const later = this.#rates.splice(place + 1);
    this.#rates.push(this.#rates[place]! + added[place]!, ...later.map((rate, at) => rate + added[place + 1 + at]!));
  }
}
