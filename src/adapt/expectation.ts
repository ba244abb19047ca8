import type { PhaseChange } from '../phase/change-detector.ts';

/** What a series is expected to be on average over its next window. The true mean lies in [low, high] nine times of ten. */
export interface Expectation {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /**
   * What it rests on: an on-off pattern that was recognised; the present phase, which is expected to last as long
   * again as it has so far; or the last window, where phases are not looked for.
   */
  readonly basis: 'on-off' | 'phase' | 'window';
  /** Until the next switch of an on-off workload is due; null where none can be foreseen. */
  readonly switchInSeconds: number | null;
}

/** Predicts a series of positive numbers, such as dirty rates. All values are in the series' own unit. */
export interface Forecast {
  /** Where the series is now; 0 before the first observation. */
  readonly level: number;
  /** Takes the mean of the next so many seconds, 0 or more; returns the change of level it gives away, if it does. */
  add(mean: number, seconds: number): PhaseChange | null;
  /** What the mean of the next `seconds` will be. @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT unless above 0 */
  next(seconds: number): Expectation;
}

/** 90 % of a normal distribution lie within so many standard deviations. */
export const ninetyPercent = 1.645;

export const nothingKnown: Expectation = {
  mean: 0,
  low: 0,
  high: Number.POSITIVE_INFINITY,
  basis: 'window',
  switchInSeconds: null,
};
