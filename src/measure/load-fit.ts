import type { LevelStep } from '../domains/info.ts';
import { type FoundLevels, findLevels } from './levels.ts';
import type { Recording } from './recording.ts';

/** Pages that are written at random, and how often they are all together. */
export interface FittedPart {
  readonly pages: number;
  /** At the high level. */
  readonly writesPerSecond: number;
}

/** What a recording shows of a guest: a hot part, a cold part, and the levels it works at. */
export interface FittedLoad {
  /** Written most; no pages where all of the working set is alike. */
  readonly hot: FittedPart;
  readonly cold: FittedPart;
  readonly levels: FoundLevels;
  /** Root of the sum of squared differences between the recording and this, over that of what was recorded. */
  readonly relativeError: number;
}

/** Dirty pages after so long at level 1. */
interface Point {
  readonly worked: number;
  readonly pages: number;
  readonly weight: number;
}

/** W (1 − e^(−k t)). */
interface Part {
  readonly pages: number;
  readonly perSecond: number;
}

/** Levels and parts are fitted in turn; each makes the other better, and after so many turns no more. */
const turns = 6;
const scanSteps = 32;
const refinements = 7;
/** Rates are sought from where this share of a part is written by the last point to where this is clean at the first. */
const slowestShare = 0.02;
const cleanShare = 1e-3;
/** A second part must make the squared error so much smaller. */
const worthAPart = 0.9;

/**
 * Fits two parts and the level of each window to a recording. Time is warped by the levels: a window at half the level
 * counts for half its length, so that growth over stretches of high and low work falls onto one curve.
 * @param memoryPages the most that can be written
 */
export function fitLoad({ windows, stretches }: Recording, memoryPages: number): FittedLoad {
  const idle: FittedPart = { pages: 0, writesPerSecond: 0 };
  const written = windows.some(({ points }) => points.some(({ dirtyPages }) => dirtyPages > 0));
  if (!written) return { hot: idle, cold: idle, levels: { kind: 'idle' }, relativeError: 0 };
  let levels = windows.map(() => 1);
  let parts: readonly Part[] = [];
  let points: Point[] = [];
  for (let turn = 0; turn < turns; turn++) {
    points = warped({ windows, stretches }, levels);
    parts = fitParts(points, memoryPages);
    if (turn < turns - 1) levels = levelsOf(windows, parts);
  }
  const seconds = windows.map((window) => window.seconds);
  const found = findLevels(levels.map((level, index): LevelStep => ({ seconds: seconds[index]!, level })));
  const peak = found.kind === 'idle' ? 0 : found.peak;
  const [hot = idle, cold = idle] = parts
    .toSorted((a, b) => b.perSecond - a.perSecond)
    .map(({ pages, perSecond }): FittedPart => ({ pages, writesPerSecond: pages * perSecond * peak }));
  const alike = parts.length < 2;
  return {
    hot: alike ? idle : hot,
    cold: alike ? hot : cold,
    levels: found,
    relativeError: errorOf(points, parts),
  };
}

function warped({ windows, stretches }: Recording, levels: readonly number[]): Point[] {
  const until = [0];
  for (const [index, { seconds }] of windows.entries()) until.push(until[index]! + seconds * levels[index]!);
  const short = windows.flatMap(({ points }, index) =>
    points.map(({ seconds, dirtyPages }) => ({ worked: seconds * levels[index]!, pages: dirtyPages })),
  );
  const long = stretches.map(({ from, to, dirtyPages }) => ({ worked: until[to]! - until[from]!, pages: dirtyPages }));
  const all = [...short, ...long].filter(({ worked }) => worked > 0);
  const most = all.reduce((most, { pages }) => Math.max(most, pages), 1);
  // A count's variance grows with its size; and long stretches are few, but what they say is as much worth.
  return all.map((point) => ({ ...point, weight: 1 / Math.max(point.pages, most / 100) }));
}

function dirtyAfter(parts: readonly Part[], worked: number): number {
  return parts.reduce((sum, { pages, perSecond }) => sum - pages * Math.expm1(-perSecond * worked), 0);
}

/** The level of each window that fits what was seen of it best, given the parts; 1 in the mean. */
function levelsOf(windows: Recording['windows'], parts: readonly Part[]): number[] {
  const levels = windows.map(({ points }) => {
    if (points.every(({ dirtyPages }) => dirtyPages === 0)) return 0;
    const cost = (logarithm: number): number => {
      const level = Math.exp(logarithm);
      return points.reduce((sum, { seconds, dirtyPages }) => {
        return sum + (dirtyPages - dirtyAfter(parts, level * seconds)) ** 2 / Math.max(dirtyPages, 1);
      }, 0);
    };
    return Math.exp(lowest(cost, Math.log(1e-3), Math.log(50)));
  });
  const total = windows.reduce((sum, { seconds }) => sum + seconds, 0);
  const mean = windows.reduce((sum, { seconds }, index) => sum + seconds * levels[index]!, 0) / total;
  return levels.map((level) => (mean > 0 ? level / mean : 1));
}

/** Two parts, or one if that is as good: variable projection over both rates, which alone enter nonlinearly. */
function fitParts(points: readonly Point[], memoryPages: number): Part[] {
  const times = points.map(({ worked }) => worked);
  const slowest = -Math.log1p(-slowestShare) / Math.max(...times);
  const fastest = Math.max(-Math.log(cleanShare) / Math.min(...times), slowest * 10);
  const step = Math.log(fastest / slowest) / scanSteps;
  const rateAt = (position: number) => slowest * Math.exp(position * step);
  const grid = Array.from({ length: scanSteps + 1 }, (_, position) => position);
  const costs = grid.flatMap((one) =>
    grid.filter((other) => other < one).map((other) => ({ at: [one, other] as const, cost: Number.NaN })),
  );
  const shares = grid.map((position) => sharesOf(points, rateAt(position)));
  for (const entry of costs) {
    const [one, other] = entry.at;
    entry.cost = project({ points, memoryPages }, shares[one]!, shares[other]!).cost;
  }
  let best = costs.reduce((least, entry) => (entry.cost < least.cost ? entry : least));
  for (let width = 0.5, left = refinements; left > 0; left--, width /= 2) {
    for (const [a, b] of neighbours(best.at, width)) {
      const { cost } = project({ points, memoryPages }, sharesOf(points, rateAt(a)), sharesOf(points, rateAt(b)));
      if (cost < best.cost) best = { at: [a, b], cost };
    }
  }
  const single = lowest(
    (position) => project({ points, memoryPages }, sharesOf(points, rateAt(position)), null).cost,
    0,
    scanSteps,
  );
  const alone = project({ points, memoryPages }, sharesOf(points, rateAt(single)), null);
  const [a, b] = best.at;
  const both = project({ points, memoryPages }, sharesOf(points, rateAt(a)), sharesOf(points, rateAt(b)));
  if (both.cost > alone.cost * worthAPart || both.pages.some((pages) => pages < 1)) {
    return [{ pages: alone.pages[0], perSecond: rateAt(single) }];
  }
  return [
    { pages: both.pages[0], perSecond: rateAt(a) },
    { pages: both.pages[1], perSecond: rateAt(b) },
  ];
}

function neighbours([a, b]: readonly [number, number], width: number): (readonly [number, number])[] {
  return [-2, -1, 0, 1, 2].flatMap((i) =>
    [-2, -1, 0, 1, 2].map((j) => [a + (i * width) / 2, b + (j * width) / 2] as const),
  );
}

/** How much of a part of this rate is dirty at each point. */
function sharesOf(points: readonly Point[], perSecond: number): Float64Array {
  return Float64Array.from(points, ({ worked }) => -Math.expm1(-perSecond * worked));
}

/** The best sizes for two rates, none below zero, together no more than the memory; and what is left over. */
function project(
  { points, memoryPages }: { readonly points: readonly Point[]; readonly memoryPages: number },
  one: Float64Array,
  other: Float64Array | null,
): { readonly pages: readonly [number, number]; readonly cost: number } {
  let [aa, ab, bb, ay, by, yy] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < points.length; at++) {
    const { pages, weight } = points[at]!;
    const a = one[at]!;
    const b = other ? other[at]! : 0;
    aa += weight * a * a;
    ab += weight * a * b;
    bb += weight * b * b;
    ay += weight * a * pages;
    by += weight * b * pages;
    yy += weight * pages * pages;
  }
  const costOf = (x: number, y: number) => yy - 2 * (x * ay + y * by) + x * x * aa + 2 * x * y * ab + y * y * bb;
  const limited = (size: number) => Math.min(Math.max(size, 0), memoryPages);
  const candidates: (readonly [number, number])[] = [[limited(ay / aa), 0]];
  if (bb > 0) {
    candidates.push([0, limited(by / bb)]);
    const determinant = aa * bb - ab * ab;
    if (determinant > 1e-12 * aa * bb) {
      const x = (ay * bb - by * ab) / determinant;
      const y = (by * aa - ay * ab) / determinant;
      if (x >= 0 && y >= 0 && x + y <= memoryPages) candidates.push([x, y]);
    }
    // All of the memory is in one of the two.
    const x = limited((ay - by + memoryPages * (bb - ab)) / (aa - 2 * ab + bb));
    if (Number.isFinite(x)) candidates.push([x, memoryPages - x]);
  }
  const judged = candidates.map((pages) => ({ pages, cost: costOf(pages[0], pages[1]) }));
  return judged.reduce((least, next) => (next.cost < least.cost ? next : least));
}

function errorOf(points: readonly Point[], parts: readonly Part[]): number {
  let differences = 0;
  let squares = 0;
  for (const { worked, pages } of points) {
    differences += (pages - dirtyAfter(parts, worked)) ** 2;
    squares += pages ** 2;
  }
  return Math.sqrt(differences / squares);
}

/** Where a function with one minimum in [low, high] has it, to a thousandth of that: the golden section. */
function lowest(cost: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let [leftCost, rightCost] = [cost(left), cost(right)];
  for (let step = 0; step < 24; step++) {
    if (leftCost <= rightCost) {
      [high, right, rightCost] = [right, left, leftCost];
      left = high - ratio * (high - low);
      leftCost = cost(left);
    } else {
      [low, left, leftCost] = [left, right, rightCost];
      right = low + ratio * (high - low);
      rightCost = cost(right);
    }
  }
  return (low + high) / 2;
}
