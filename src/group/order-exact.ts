import type { OrderProblem } from './order-problem.ts';

/** Orders are equal if what they split differs by less than this share of the most that could be split. */
const rounding = 1e-12;

/**
 * The best order of a few groups (up to 16 or so: the work more than doubles with each), by dynamic programming over
 * their subsets: what is split depends on which groups have moved, not on the order in which they did.
 */
export function orderExactly(problem: OrderProblem): number[] {
  const { groupCount, seconds } = problem;
  const subsets = 2 ** groupCount;
  const tolerance = rounding * problem.mostSplitBytes;
  /** Of each subset, a set of bits, when it has moved: the split now, and the best way to get there. */
  const splitRate = new Float64Array(subsets);
  const splitBytes = new Float64Array(subsets).fill(Number.POSITIVE_INFINITY);
  const against = new Float64Array(subsets);
  const last = new Uint8Array(subsets);
  splitBytes[0] = 0;

  for (let moved = 0; moved < subsets; moved++) {
    for (let group = 0; group < groupCount; group++) {
      const after = moved | (1 << group);
      if (after === moved) continue;
      let withMoved = 0;
      let againstThis = against[moved]!;
      for (let rest = moved; rest !== 0; rest &= rest - 1) {
        const earlier = 31 - Math.clz32(rest & -rest);
        withMoved += problem.between(group, earlier);
        againstThis += problem.against(group, earlier);
      }
      splitRate[after] = splitRate[moved]! + problem.degree(group) - 2 * withMoved;
      const bytes = splitBytes[moved]! + seconds[group]! * splitRate[moved]!;
      const more = bytes - splitBytes[after]!;
      if (more < -tolerance || (more <= tolerance && againstThis < against[after]!)) {
        splitBytes[after] = bytes;
        against[after] = againstThis;
        last[after] = group;
      }
    }
  }

  const order: number[] = [];
  for (let moved = subsets - 1; moved !== 0; moved &= ~(1 << last[moved]!)) order.unshift(last[moved]!);
  return order;
}
