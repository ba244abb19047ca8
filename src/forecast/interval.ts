import { requireObject, requireObjects, requirePositive } from '../model/check.ts';
import { checkCoverage, normalQuantile } from '../model/load-interval.ts';
import type { Interval } from '../model/predict-interval.ts';
import type { ExpectedError, ExpectedErrors } from '../model/prediction-log.ts';
import { type ForecastMember, type ForecastTerms, forecastGroup, type GroupForecast } from './forecast.ts';

export interface CostInterval {
  readonly completionSeconds: Interval;
  readonly trafficBytes: Interval;
  readonly downtimeSeconds: Interval;
}

/** {@link GroupForecast} with how sure it is. */
export interface GroupInterval extends CostInterval {
  readonly domains: readonly (CostInterval & { readonly name: string; readonly beginsInSeconds: number })[];
}

export interface GroupIntervalOptions {
  /** What predictions of this strategy and stop rule have been off so far. */
  readonly errors: ExpectedErrors;
  /** The share of migrations whose cost shall lie within, in [0.5, 0.999]. Default 0.8. */
  readonly coverage?: number;
  /**
   * How far a domain's pace may be from what it was while it was measured: the standard deviation of its logarithm. Default
   * 0.3, which is about what two seconds tell of a guest that switches on and off.
   */
  readonly paceError?: number;
  /** The same of what the machine can send, which other things to do make less. Default 0.5. */
  readonly sendingError?: number;
}

/** What a cost of nothing may come to all the same: a pause of milliseconds is a matter of chance. */
const leastPauseSeconds = 0.005;

/**
 * Forecasts a group with an interval from two sources: how hard its guests will work, carried through the forecast, and what
 * forecasts have been off. `likely` has the bias taken out that is known of them. A function of its arguments alone.
 * @throws RangeError with code ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function forecastInterval(
  members: readonly ForecastMember[],
  terms: ForecastTerms,
  options: GroupIntervalOptions,
): GroupInterval {
  requireObjects('members', members);
  requireObject('terms', terms);
  requireObject('options', options);
  const { errors, coverage = 0.8, paceError = 0.3, sendingError = 0.5 } = options;
  requireObject('errors', errors);
  requirePositive('linkBytesPerSecond', terms.linkBytesPerSecond);
  const z = normalQuantile(1 - (1 - checkCoverage(coverage)) / 2);
  // Guests work independently of each other, so that a group as a whole is off by less than each.
  const factor = Math.exp((z * paceError) / Math.sqrt(Math.max(members.length, 1)));
  const slower = Math.exp(z * sendingError);
  const at = (pace: number, sending: number): GroupForecast => {
    const mostBytesPerSecond = terms.costs.mostBytesPerSecond * sending;
    return forecastGroup(
      members.map((member) => ({ ...member, pace: (member.pace ?? 1) * pace })),
      { ...terms, costs: { ...terms.costs, mostBytesPerSecond } },
    );
  };
  const [light, likely, heavy] = [at(1 / factor, slower), at(1, 1), at(factor, 1 / slower)];
  const costs = (of: (forecast: GroupForecast) => Costs): CostInterval => {
    const [low, middle, high] = [of(light), of(likely), of(heavy)];
    const interval = (cost: keyof Costs, error: ExpectedError, least = 0): Interval =>
      widen({ values: [low[cost], middle[cost], high[cost]], z, error, least });
    return {
      completionSeconds: interval('completionSeconds', errors.completion),
      trafficBytes: interval('trafficBytes', errors.traffic),
      downtimeSeconds: interval('downtimeSeconds', errors.downtime, leastPauseSeconds),
    };
  };
  return {
    ...costs((forecast) => forecast),
    domains: likely.domains.map(({ name, beginsInSeconds }, index) => ({
      name,
      beginsInSeconds,
      ...costs(({ domains }) => ({
        ...domains[index]!,
        completionSeconds: domains[index]!.completionSeconds - domains[index]!.beginsInSeconds,
      })),
    })),
  };
}

type Costs = Pick<GroupForecast, 'completionSeconds' | 'trafficBytes' | 'downtimeSeconds'>;

/** The two causes are independent, so their squares add up. */
function widen(of: { values: readonly number[]; z: number; error: ExpectedError; least: number }): Interval {
  const [middle, z] = [of.values[1]!, of.z];
  const correction = Math.exp(of.error.bias);
  const end = (side: 1 | -1, value: number) => {
    const off = middle > 0 && value > 0 ? Math.max(side * Math.log(value / middle), 0) : 0;
    return middle * Math.exp(side * Math.hypot(off, z * of.error.spread)) * correction;
  };
  const [least, most] = [Math.min(...of.values), Math.max(...of.values)];
  return {
    low: Math.max(end(-1, least) - of.least, 0),
    likely: correction * middle,
    high: end(1, most) + of.least,
  };
}
