import { requireAtLeast } from './check.ts';
import type { MigrationPrediction } from './predict.ts';

/** The costs that are predicted first and observed later. */
export type MigrationCost = Pick<MigrationPrediction, 'completionSeconds' | 'trafficBytes' | 'downtimeSeconds'>;

/** How far one prediction was off: ln(observed / predicted) of each cost, null where one of the two was 0. */
export interface PredictionError {
  readonly domain: string;
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

/** Kept of each domain: enough to tell a bias, few enough to follow a domain that changes. */
const mostKept = 32;
/** With fewer of its own, a domain's predictions are expected to be as far off as everybody's. */
const enoughOwn = 3;
/**
 * Before anything was observed the model is taken to be right to this, which weighs as much as so many observations.
 */
const priorSpread = 0.1;
const priorCount = 2;

/**
 * The log with one more migration checked; of each domain the last 32 are kept. Only for a migration that was
 * completed, with what was predicted before it began: how an aborted one would have ended nobody knows.
 *
 * @throws RangeError with code ERR_VMBUDDIES_ARGUMENT unless every cost is a finite number of 0 or more.
 */
export function recordPrediction(
  log: PredictionLog,
  domain: string,
  predicted: MigrationCost,
  observed: MigrationCost,
): PredictionError[] {
  const error = (cost: keyof MigrationCost): number | null => {
    requireAtLeast(`predicted.${cost}`, predicted[cost], 0);
    requireAtLeast(`observed.${cost}`, observed[cost], 0);
    return predicted[cost] > 0 && observed[cost] > 0 ? Math.log(observed[cost] / predicted[cost]) : null;
  };
  const added = {
    domain,
    completion: error('completionSeconds'),
    traffic: error('trafficBytes'),
    downtime: error('downtimeSeconds'),
  };
  const own = log.filter((entry) => entry.domain === domain);
  const dropped = own.length < mostKept ? undefined : own[0];
  return [...log.filter((entry) => entry !== dropped), added];
}

/**
 * What a domain's next prediction is expected to be off, from its own history, or from everybody's as long as that has
 * fewer than three entries. Two imagined predictions without bias and 10 % off count beside them, so that an empty log
 * says something sensible and a first entry does not say too much.
 */
export function expectedErrors(log: PredictionLog, domain: string): ExpectedErrors {
  const own = log.filter((entry) => entry.domain === domain);
  const entries = own.length >= enoughOwn ? own : log;
  const expected = (cost: 'completion' | 'traffic' | 'downtime') =>
    expectedError(entries.flatMap((entry) => entry[cost] ?? []));
  return { completion: expected('completion'), traffic: expected('traffic'), downtime: expected('downtime') };
}

function expectedError(errors: readonly number[]): ExpectedError {
  const weight = errors.length + priorCount;
  const bias = errors.reduce((sum, error) => sum + error, 0) / weight;
  const squares = errors.reduce((sum, error) => sum + (error - bias) ** 2, priorCount * (priorSpread ** 2 + bias ** 2));
  // The spread about a bias that is itself estimated, and known only to a part in `weight`.
  return { count: errors.length, bias, spread: Math.sqrt((squares / (weight - 1)) * (1 + 1 / weight)) };
}
