import { argumentError, requireAtLeast, requireObjects, requirePositive } from '../model/check.ts';
import { fitHot, fitHotAndCold } from './curve-search.ts';

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
  /**
   * d: rate at which the clean pages of the hot set turn dirty at first. Where only its end was seen, a lower bound.
   */
  readonly dirtyPagesPerSecond: number;
  /** c: rate at which ever new pages are written. */
  readonly coldPagesPerSecond: number;
  /** Root of the sum of squared differences, over that of the squared measurements: 0.1 is 10 %. */
  readonly relativeError: number;
}

/** A fit this near is taken as it is. */
const goodError = 1e-3;
/** A cold rate is a third parameter: it takes this many points, and an error this much smaller than without. */
const coldPoints = 5;
const coldError = 1 / 3;

/**
 * Fits the growth curve to measurements at several times, in any order, by weighted least squares.
 *
 * Few points decide little, so the simplest curve wins: a cold rate is only found in five points or more, and only if
 * the error without one is three times as large. A straight line, as a single point is, is thus a hot set of unseen
 * end, and a flat curve one that was full before the first point.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT if there is no point, or one is out of its range.
 */
export function fitGrowthCurve(points: readonly GrowthPoint[]): GrowthFit {
  requireObjects('points', points);
  if (points.length === 0) throw argumentError('a growth curve needs at least one point');
  for (const { seconds, dirtyPages } of points) {
    requirePositive('seconds', seconds);
    requireAtLeast('dirtyPages', dirtyPages, 0);
  }
  const hot = fitHot(points);
  if (points.length < coldPoints || hot.relativeError <= goodError) return hot;
  const both = fitHotAndCold(points);
  return both.relativeError <= hot.relativeError * coldError ? both : hot;
}
