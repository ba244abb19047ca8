import { argumentError } from '../model/check.ts';

/** Where a figure lay in runs that differ in what cannot be known beforehand: 8 of 10 lay from `low` to `high`. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT for no values */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw argumentError('a spread needs at least one value');
  const sorted = values.toSorted((a, b) => a - b);
  return { low: quantile(sorted, 0.1), median: quantile(sorted, 0.5), high: quantile(sorted, 0.9) };
}

/** Linear between the nearest two. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const value = sorted[below]!;
  return value + (place - below) * ((sorted[below + 1] ?? value) - value);
}
