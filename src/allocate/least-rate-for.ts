import { argumentError, requirePositive } from '../model/check.ts';
import { type DomainLoad, type ModelOptions, modelOf } from '../model/load.ts';
import { Precopy } from '../model/precopy.ts';
import { LeastRate } from './least-rate.ts';

/**
 * The inverse of {@link predictMigration}'s completion: the least steady rate at which a domain completes in
 * `completionSeconds`; it does at the rate returned, and at one lower by 1e-12 it does not. However fast the domain
 * dirties its memory there is one, since no round sends more than the memory. 0 for a domain with nothing left to send.
 *
 * @param completionSeconds T: above 0
 * @returns bytes per second
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range; also where the
 *   time is so short that the rate is no finite number.
 */
export function leastRateFor(load: DomainLoad, completionSeconds: number, options: ModelOptions = {}): number {
  requirePositive('completionSeconds', completionSeconds);
  const precopy = new Precopy(load, modelOf(options));
  if (precopy.firstBytes === 0) return 0;
  if (!Number.isFinite((2 * precopy.mostBytes) / completionSeconds)) {
    throw argumentError(`completionSeconds (${completionSeconds}) is too short for ${precopy.firstBytes} bytes`);
  }
  const rate = new LeastRate(precopy);
  rate.solve(completionSeconds);
  return rate.bytesPerSecond;
}
