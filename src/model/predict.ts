import { requirePositive } from './check.ts';
import { type DomainLoad, type ModelOptions, modelOf } from './load.ts';
import { Precopy } from './precopy.ts';

/** What a migration at one steady rate is expected to cost. */
export interface MigrationPrediction {
  /** T: from now to the end of the final copy, in seconds. */
  readonly completionSeconds: number;
  /** V: all bytes sent from now on, the final copy included. */
  readonly trafficBytes: number;
  /** Rounds of pre-copy, one left midway included; the final copy is not one of them. */
  readonly rounds: number;
  /** The final copy: what is dirty or unsent when pre-copy ends. */
  readonly residualBytes: number;
  /** The final copy's share of the completion: the pause, but for suspending, device state and the round trip. */
  readonly downtimeSeconds: number;
}

/**
 * Predicts one domain's migration at a steady rate, with one recurrence in place of the paper's two branches (eqs. 5
 * and 8), which disagree by up to 23 times where d = r: each round sends what was dirtied during the one before.
 *
 * The completion is finite for every rate above zero and never grows with it ({@link Precopy.evaluate} has the proof),
 * which is what makes an optimal division of a link well defined.
 *
 * @param bytesPerSecond r: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function predictMigration(
  load: DomainLoad,
  bytesPerSecond: number,
  options: ModelOptions = {},
): MigrationPrediction {
  requirePositive('bytesPerSecond', bytesPerSecond);
  const precopy = new Precopy(load, modelOf(options));
  precopy.evaluate(bytesPerSecond);
  return {
    completionSeconds: precopy.trafficBytes / bytesPerSecond,
    trafficBytes: precopy.trafficBytes,
    rounds: precopy.rounds,
    residualBytes: precopy.finalBytes,
    downtimeSeconds: precopy.finalBytes / bytesPerSecond,
  };
}
