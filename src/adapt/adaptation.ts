import type { Forecast } from './expectation.ts';
import { PhaseForecast } from './phase-forecast.ts';
import { WindowForecast } from './window-forecast.ts';

/**
 * When a link is divided anew as loads change (§3.4): `phases`, at the ends of rounds, once that brings the end nearer
 * by enough; or at the end of each window of this length, whatever it brings.
 */
export type Adaptation = 'phases' | { readonly windowMs: number };

/** A dirty rate that is read off a round by way of a growth curve is off by as much as the curve is. */
const curveError = 0.15;

/** The forecast that goes with it. `series` is what was recorded of the dirty rate, one sample a second. */
export function forecastFor(adaptation: Adaptation, series: readonly number[]): Forecast {
  if (adaptation === 'phases') return new PhaseForecast(series, { leastNoise: curveError });
  const forecast = new WindowForecast(adaptation.windowMs / 1000);
  for (const sample of series) forecast.add(sample, 1);
  return forecast;
}
