import { argumentError, requireAtLeast, requirePositive } from '../model/check.ts';

/** One measurement of the growth curve W(t). */
export interface GrowthPoint {
  /** Since the log was cleaned; above 0. */
  readonly seconds: number;
  /** Different pages written in that time; 0 or more. */
  readonly dirtyPages: number;
}

/** W(t) = W (1 - e^(-dt/W)) + ct: a hot set written over and over, and pages written once. No value is below 0. */
export interface GrowthFit {
  /** W: size of the hot set. Where its end was not seen, far more than was measured: limit it by the memory. */
  readonly wwsPages: number;
  /** d: rate at which the clean pages of the hot set turn dirty at first. Where only its end was seen, a lower bound. */
  readonly dirtyPagesPerSecond: number;
  /** c: rate at which ever new pages are written. */
  readonly coldPagesPerSecond: number;
  /** Root of the sum of squared differences, over that of the squared measurements: 0.1 is 10 %. */
  readonly relativeError: number;
}

/** The hot set's rate k = d/W is sought from where this share of it is written by the last measurement... */
const leastShare = 1e-3;
/** ...to where this share of it is still clean at the first. */
const cleanShare = 1e-4;
const scanSteps = 60;
const goldenSteps = 50;
/** A fit this near is taken as it is. */
const goodError = 1e-3;
/** A cold rate is a third parameter: it takes this many points, and an error this much smaller than without. */
const coldPoints = 5;
const coldError = 1 / 3;
/** Of fits this equal, as a share of the measurements' squares, the slowest is taken. */
const equalCost = 1e-9;

interface WeightedPoint extends GrowthPoint {
  readonly weight: number;
}

/** The curve for one k: k alone enters nonlinearly, so the sizes that go with it follow in closed form. */
interface Candidate {
  readonly hotPages: number;
  readonly coldPagesPerSecond: number;
  readonly cost: number;
}

/**
 * Fits the growth curve to measurements at several times, in any order. Weighted least squares by variable projection:
 * a search over k = d/W, with the best W and c for each. The weights are those of counts, whose variance grows
 * with their size.
 *
 * Few points decide little, so the simplest curve wins: a cold rate is only found in five points or more, and only if
 * the error without one is three times as large. A straight line, as a single point is, is thus a hot set of unseen end,
 * and a flat curve one that was full before the first point.
 *
 * @throws RangeError with code ERR_VMBUDDIES_ARGUMENT if there is no point, or one is out of its range.
 */
export function fitGrowthCurve(points: readonly GrowthPoint[]): GrowthFit {
  if (points.length === 0) throw argumentError('a growth curve needs at least one point');
  for (const { seconds, dirtyPages } of points) {
    requirePositive('seconds', seconds);
    requireAtLeast('dirtyPages', dirtyPages, 0);
  }
  const largest = Math.max(...points.map(({ dirtyPages }) => dirtyPages), 1);
  const weighted = points.map((point) => ({ ...point, weight: 1 / Math.max(point.dirtyPages, largest / 100) }));
  const first = Math.min(...points.map(({ seconds }) => seconds));
  const last = Math.max(...points.map(({ seconds }) => seconds));
  const fastest = -Math.log(cleanShare) / first;
  const hot = search(weighted, hotOnly, leastShare / last, fastest);
  if (points.length < coldPoints || hot.relativeError <= goodError) return hot;
  // Before one time constant has passed, the hot part is nearly a line, and could not be told from the cold one.
  const both = search(weighted, hotAndCold, 1 / last, fastest);
  return both.relativeError <= hot.relativeError * coldError ? both : hot;
}

/** Best k in [slowest, fastest]: a scan, since the cost may have several minima, then the golden section around the best. */
function search(
  points: readonly WeightedPoint[],
  candidateFor: (points: readonly WeightedPoint[], k: number) => Candidate,
  slowest: number,
  fastest: number,
): GrowthFit {
  const step = Math.log(fastest / slowest) / scanSteps;
  const costAt = (position: number) => candidateFor(points, slowest * Math.exp(position * step)).cost;
  const costs = Array.from({ length: scanSteps + 1 }, (_, position) => costAt(position));
  const equal = Math.min(...costs) + equalCost * products(points, slowest).yy;
  const best = costs.findIndex((cost) => cost <= equal);
  const position = goldenSection(costAt, Math.max(best - 1, 0), Math.min(best + 1, scanSteps));
  const k = slowest * Math.exp(position * step);
  const { hotPages, coldPagesPerSecond } = candidateFor(points, k);
  let squares = 0;
  let differences = 0;
  for (const { seconds, dirtyPages } of points) {
    const fitted = hotPages * -Math.expm1(-k * seconds) + coldPagesPerSecond * seconds;
    squares += dirtyPages ** 2;
    differences += (fitted - dirtyPages) ** 2;
  }
  return {
    wwsPages: hotPages,
    dirtyPagesPerSecond: k * hotPages,
    coldPagesPerSecond,
    relativeError: squares > 0 ? Math.sqrt(differences / squares) : 0,
  };
}

function hotOnly(points: readonly WeightedPoint[], k: number): Candidate {
  const { hh, hy, yy } = products(points, k);
  const hotPages = hy / hh;
  return { hotPages, coldPagesPerSecond: 0, cost: yy - hotPages * hy };
}

function hotAndCold(points: readonly WeightedPoint[], k: number): Candidate {
  const { hh, ht, tt, hy, ty, yy } = products(points, k);
  const determinant = hh * tt - ht * ht;
  const hotPages = (hy * tt - ty * ht) / determinant;
  const coldPagesPerSecond = (ty * hh - hy * ht) / determinant;
  if (hotPages >= 0 && coldPagesPerSecond >= 0) {
    return { hotPages, coldPagesPerSecond, cost: yy - hotPages * hy - coldPagesPerSecond * ty };
  }
  // A least square outside the bounds has its constrained one on a bound.
  const cold: Candidate = { hotPages: 0, coldPagesPerSecond: ty / tt, cost: yy - (ty * ty) / tt };
  const hot = hotOnly(points, k);
  return cold.cost < hot.cost ? cold : hot;
}

/** Weighted inner products of the hot share h = 1 - e^(-kt), the times t and the measurements y. */
function products(points: readonly WeightedPoint[], k: number) {
  const inner = { hh: 0, ht: 0, tt: 0, hy: 0, ty: 0, yy: 0 };
  for (const { seconds: t, dirtyPages: y, weight } of points) {
    const h = -Math.expm1(-k * t);
    inner.hh += weight * h * h;
    inner.ht += weight * h * t;
    inner.tt += weight * t * t;
    inner.hy += weight * h * y;
    inner.ty += weight * t * y;
    inner.yy += weight * y * y;
  }
  return inner;
}

/** Minimum of a function with a single one in [low, high]. */
function goldenSection(cost: (position: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let leftCost = cost(left);
  let rightCost = cost(right);
  for (let step = 0; step < goldenSteps; step++) {
    if (leftCost <= rightCost) {
      high = right;
      right = left;
      rightCost = leftCost;
      left = high - ratio * (high - low);
      leftCost = cost(left);
    } else {
      low = left;
      left = right;
      leftCost = rightCost;
      right = low + ratio * (high - low);
      rightCost = cost(right);
    }
  }
  return (low + high) / 2;
}
