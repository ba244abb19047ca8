import { requireObject } from './check.ts';
import { type DomainLoad, type ModelOptions, modelOf } from './load.ts';
import { checkCoverage, type LoadUncertainty, loadInterval, normalQuantile } from './load-interval.ts';
import { type MigrationPrediction, predictMigration } from './predict.ts';
import type { ExpectedError, ExpectedErrors } from './prediction-log.ts';

export interface IntervalOptions extends ModelOptions {
  /** How well the load is known. Default: exactly. */
  readonly uncertainty?: LoadUncertainty;
  /** What predictions have been off so far, see {@link expectedErrors}. Default: not at all. */
  readonly errors?: ExpectedErrors;
  /** The share of migrations whose cost shall lie within; in [0.5, 0.999]. Default 0.9. */
  readonly coverage?: number;
}

/** A cost that is not known exactly. */
export interface Interval {
  readonly low: number;
  /** The model's prediction, less its bias. */
  readonly likely: number;
  readonly high: number;
}

/** {@link MigrationPrediction} with how sure it is. */
export interface PredictedInterval {
  readonly completionSeconds: Interval;
  readonly trafficBytes: Interval;
  readonly downtimeSeconds: Interval;
  readonly coverage: number;
}

/**
 * Predicts one domain's migration at a steady rate, with intervals from two sources: the load's own uncertainty,
 * carried through the model exactly ({@link loadInterval}), and the errors that predictions have shown. Errors shown
 * contain what loads were uncertain by then, so the two are not added: each end is the farther of what they say, about
 * the prediction with its bias taken out.
 *
 * @param bytesPerSecond r: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function predictInterval(
  load: DomainLoad,
  bytesPerSecond: number,
  options: IntervalOptions = {},
): PredictedInterval {
  requireObject('options', options);
  const { uncertainty = {}, errors, coverage = 0.9, ...model } = options;
  const { low, high } = loadInterval(load, uncertainty, coverage);
  const likely = predictMigration(load, bytesPerSecond, model);
  const light = predictMigration(low, bytesPerSecond, model);
  const heavy = predictMigration(high, bytesPerSecond, model);
  const z = normalQuantile((1 + checkCoverage(coverage)) / 2);
  return {
    completionSeconds: interval(
      light.completionSeconds,
      likely.completionSeconds,
      heavy.completionSeconds,
      z,
      errors?.completion,
    ),
    trafficBytes: interval(light.trafficBytes, likely.trafficBytes, heavy.trafficBytes, z, errors?.traffic),
    downtimeSeconds: interval(
      leastResidual(low, light, heavy, bytesPerSecond, model) / bytesPerSecond,
      likely.downtimeSeconds,
      mostResidual(light, heavy, bytesPerSecond, model) / bytesPerSecond,
      z,
      errors?.downtime,
    ),
    coverage,
  };
}

function interval(low: number, predicted: number, high: number, z: number, error: ExpectedError | undefined): Interval {
  const correction = Math.exp(error?.bias ?? 0);
  const factor = Math.exp(z * (error?.spread ?? 0));
  return {
    low: correction * Math.min(low, predicted / factor),
    likely: correction * predicted,
    high: correction * Math.max(high, predicted * factor),
  };
}

/**
 * What is left is not monotone in the load: a heavier one may need a round more, and leave less after it. After as many
 * rounds each, though, it leaves no less. So nothing between the two leaves less than the lightest after as many rounds
 * as the heaviest takes...
 */
function leastResidual(
  low: DomainLoad,
  light: MigrationPrediction,
  heavy: MigrationPrediction,
  bytesPerSecond: number,
  model: ModelOptions,
): number {
  if (heavy.rounds === light.rounds) return light.residualBytes;
  const unlimited = { ...model, thresholdBytes: 0, thresholdSeconds: 0, trafficFactor: Number.POSITIVE_INFINITY };
  const longer = predictMigration(low, bytesPerSecond, { ...unlimited, roundLimit: heavy.rounds });
  return Math.min(light.residualBytes, longer.residualBytes);
}

/** ...and more than the heaviest only by ending within the threshold, where just below it is possible. */
function mostResidual(
  light: MigrationPrediction,
  heavy: MigrationPrediction,
  bytesPerSecond: number,
  model: ModelOptions,
): number {
  const { thresholdBytes, thresholdSeconds } = modelOf(model);
  const threshold = Math.max(thresholdBytes, thresholdSeconds * bytesPerSecond);
  const within = light.residualBytes <= threshold && (heavy.rounds !== light.rounds || heavy.residualBytes > threshold);
  return within ? Math.max(heavy.residualBytes, threshold) : heavy.residualBytes;
}
