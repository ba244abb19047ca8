import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import type { Cell, Trials } from './trials.ts';

export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample; 0 for one value. */
  readonly deviation: number;
}

/** A measure of a cell's trials. */
export function over(trials: Trials, cell: Cell, of: (outcome: GroupOutcome) => number): Spread {
  return spreadOf(trials(cell).map(({ outcome }) => of(outcome)));
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Three digits, but never fewer than the whole number has: 1478, 12.3, 0.045. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `1478 ± 12`: three digits of the mean, above zero, and the deviation as fine. */
export function formatSpread({ mean, deviation }: Spread): string {
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(mean)));
  return `${mean.toFixed(decimals)} ± ${deviation.toFixed(decimals)}`;
}

/** How a ratio differs from 1: 0.6 is `−40 %`. */
export function formatChange(ratio: number): string {
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return '±0 %';
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}
