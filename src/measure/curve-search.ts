import type { GrowthFit, GrowthPoint } from './curve.ts';

/** The hot set's rate k = d/W is sought from where this share of it is written by the last measurement... */
const leastShare = 1e-3;
/** ...to where this share of it is still clean at the first. */
const cleanShare = 1e-4;
const scanSteps = 60;
const goldenSteps = 50;
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
 * The best hot set, with nothing written once. Weighted least squares by variable projection: a search over k = d/W,
 * with the best sizes for each. The weights are those of counts, whose variance grows with their size.
 */
export function fitHot(points: readonly GrowthPoint[]): GrowthFit {
  const { slowest, fastest } = timescales(points);
  return search(weigh(points), hotOnly, slowest * leastShare, fastest);
}

/** The best hot set together with what is written once. */
export function fitHotAndCold(points: readonly GrowthPoint[]): GrowthFit {
  const { slowest, fastest } = timescales(points);
  // Before one time constant has passed, the hot part is nearly a line, and could not be told from the cold one.
  return search(weigh(points), hotAndCold, slowest, fastest);
}

function weigh(points: readonly GrowthPoint[]): WeightedPoint[] {
  const largest = Math.max(...points.map(({ dirtyPages }) => dirtyPages), 1);
  return points.map((point) => ({ ...point, weight: 1 / Math.max(point.dirtyPages, largest / 100) }));
}

/** The k of a hot set whose time constant is all that was measured, and of one that is full before the first point. */
function timescales(points: readonly GrowthPoint[]): { readonly slowest: number; readonly fastest: number } {
  const seconds = points.map((point) => point.seconds);
  return { slowest: 1 / Math.max(...seconds), fastest: -Math.log(cleanShare) / Math.min(...seconds) };
}

/**
 * Best k in [slowest, fastest]: a scan, since the cost may have several minima, then the golden section around the
 * best.
 */
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
