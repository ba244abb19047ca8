import { requireAtLeast, requireObject, requireObjects } from './check.ts';
import type { MigrationPrediction } from './predict.ts';

/** The costs that are predicted first and observed later. */
export type MigrationCost = Pick<MigrationPrediction, 'completionSeconds' | 'trafficBytes' | 'downtimeSeconds'>;

/** How far one prediction was off: ln(observed / predicted) of each cost, null where one of the two was 0. */
export interface PredictionError {
  /** What it was a prediction of: a strategy with its stop rule. Errors are learnt within one key alone. */
  readonly key: string;
  readonly completion: number | null;
  readonly traffic: number | null;
  readonly downtime: number | null;
}

/** Predictions that have been checked, the oldest first. Plain JSON. */
export type PredictionLog = readonly PredictionError[];

/** The error to expect of the next prediction, in natural logarithms: 0.1 is about 10 %. */
export interface ExpectedError {
  /** Predictions it is known from. */
  readonly count: number;
  /** Above 0: the cost is larger than predicted. */
  readonly bias: number;
  /** Standard deviation about it. */
  readonly spread: number;
}

export interface ExpectedErrors {
  readonly completion: ExpectedError;
  readonly traffic: ExpectedError;
  readonly downtime: ExpectedError;
}

/** Kept of each key: enough to tell a bias, few enough to follow a machine that changes. */
const mostKept = 32;
/** With fewer entries of its own a key has no bias: errors of another strategy say nothing of this one's. */
const enoughOwn = 3;
/**
 * How far off a prediction is before anything was observed, as measured (docs/decisions.md). Afterwards it weighs as much as
 * so many observations.
 */
const priorSpreads = { completion: 0.08, traffic: 0.07, downtime: 0.6 } as const;
const priorCount = 2;

/**
 * The log with one more migration checked; of each key the last 32 are kept. Only for a migration that was
 * completed, with what was predicted before it began: how an aborted one would have ended nobody knows.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT unless every cost is a finite number of 0 or more.
 */
export function recordPrediction(
  log: PredictionLog,
  key: string,
  predicted: MigrationCost,
  observed: MigrationCost,
): PredictionError[] {
  requireObjects('log', log);
  requireObject('predicted', predicted);
  requireObject('observed', observed);
  const error = (cost: keyof MigrationCost): number | null => {
    requireAtLeast(`predicted.${cost}`, predicted[cost], 0);
    requireAtLeast(`observed.${cost}`, observed[cost], 0);
    return predicted[cost] > 0 && observed[cost] > 0 ? Math.log(observed[cost] / predicted[cost]) : null;
  };
  const added = {
    key,
    completion: error('completionSeconds'),
    traffic: error('trafficBytes'),
    downtime: error('downtimeSeconds'),
  };
  const own = log.filter((entry) => entry.key === key);
  const dropped = own.length < mostKept ? undefined : own[0];
  return [...log.filter((entry) => entry !== dropped), added];
}

/**
 * What the next prediction of this key is expected to be off, from its own history alone. With fewer than three entries of
 * its own there is no bias and the spread is a wide one; later, two imagined predictions without bias count beside the
 * entries, so that the first few do not say too much.
 */
export function expectedErrors(log: PredictionLog, key: string): ExpectedErrors {
  requireObjects('log', log);
  const own = log.filter((entry) => entry.key === key);
  const expected = (cost: keyof typeof priorSpreads) =>
    expectedError(
      own.flatMap((entry) => entry[cost] ?? []),
      priorSpreads[cost],
    );
  return { completion: expected('completion'), traffic: expected('traffic'), downtime: expected('downtime') };
}

function expectedError(errors: readonly number[], priorSpread: number): ExpectedError {
  if (errors.length < enoughOwn) return { count: errors.length, bias: 0, spread: priorSpread };
  const weight = errors.length + priorCount;
  const bias = errors.reduce((sum, error) => sum + error, 0) / weight;
  const squares = errors.reduce((sum, error) => sum + (error - bias) ** 2, priorCount * (priorSpread ** 2 + bias ** 2));
  // The spread about a bias that is itself estimated, and known only to a part in `weight`.
  return { count: errors.length, bias, spread: Math.sqrt((squares / (weight - 1)) * (1 + 1 / weight)) };
}
