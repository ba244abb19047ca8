import { requireInteger, requireObjects } from '../model/check.ts';
import type { LoadUncertainty } from '../model/load-interval.ts';
import { fitGrowthCurve, type GrowthPoint } from './curve.ts';
import { fitHot, fitHotAndCold } from './curve-search.ts';

/** As far as an error is told apart: beyond it a parameter is as good as unknown. */
const mostUncertain = 10;

/**
 * How well {@link fitGrowthCurve} knows W, d and c: their relative standard errors by the jackknife, that is from how
 * far the fit moves when each point in turn is left out. That asks nothing of the points' errors but that they are
 * alike and independent; points peeked from one log grow from each other, and so these errors are rather too small.
 *
 * W ends at the memory: where the hot set's end was not seen and lies beyond that however it is fitted, W is the memory
 * and known.
 *
 * @param points at least 3
 * @param memoryPages the domain's present pages; at least 1
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function growthUncertainty(points: readonly GrowthPoint[], memoryPages: number): Required<LoadUncertainty> {
  requireObjects('points', points);
  requireInteger('points.length', points.length, 3, 1e6);
  requireInteger('memoryPages', memoryPages, 1, Number.MAX_SAFE_INTEGER);
  const whole = fitGrowthCurve(points);
  // The same curve for all: with a point less the choice between them might be another.
  const fitAnew = whole.coldPagesPerSecond > 0 ? fitHotAndCold : fitHot;
  const fits = points.map((_, left) => fitAnew(points.filter((_, at) => at !== left)));
  const pages = (wwsPages: number): number => Math.min(wwsPages, memoryPages);
  return {
    wws: jackknife(
      pages(whole.wwsPages),
      fits.map(({ wwsPages }) => pages(wwsPages)),
    ),
    dirty: jackknife(
      whole.dirtyPagesPerSecond,
      fits.map(({ dirtyPagesPerSecond }) => dirtyPagesPerSecond),
    ),
    cold: jackknife(
      whole.coldPagesPerSecond,
      fits.map(({ coldPagesPerSecond }) => coldPagesPerSecond),
    ),
  };
}

/** Relative standard error of an estimate, given what it would have been without each of the observations. */
function jackknife(estimate: number, without: readonly number[]): number {
  if (estimate === 0) return 0;
  const mean = without.reduce((sum, value) => sum + value, 0) / without.length;
  const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt((squares * (without.length - 1)) / without.length) / estimate;
  return Math.min(error, mostUncertain);
}
