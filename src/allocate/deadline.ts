import { requireObjects, requirePositive } from '../model/check.ts';
import { type ModelOptions, modelOf } from '../model/load.ts';
import { type BoundedLoad, BoundedRate } from './bounded-rate.ts';
import { leastRateFor } from './least-rate-for.ts';

/** The least bandwidth with which a group completes in time. */
export interface DeadlineAllocation {
  /** Each domain's least rate, in the order of the domains; 0 for one with nothing left to send. */
  readonly bytesPerSecond: number[];
  /** What they add up to: sufficient at `upper`, which is at most 1e-12 above `lower`, below which nothing suffices. */
  readonly totalBytesPerSecond: { readonly lower: number; readonly upper: number };
  /** The domains, as indices, that complete too late even at their upper bounds, which is what they get here. */
  readonly late: number[];
  /** Whether the link carries it all and nobody is late. */
  readonly fits: boolean;
}

/** How far a least rate may be above the true one ({@link LeastRate}). */
const tolerance = 1e-12;

/**
 * The least total bandwidth with which every domain completes within `deadlineSeconds`: the sum of the domains' least
 * rates, none of which depends on the others'. Where it does not fit into the link, {@link allocateOptimal} tells the
 * earliest common completion.
 *
 * @param linkBytesPerSecond B: above 0
 * @param deadlineSeconds above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateForDeadline(
  domains: readonly BoundedLoad[],
  linkBytesPerSecond: number,
  deadlineSeconds: number,
  options: ModelOptions = {},
): DeadlineAllocation {
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requireObjects('domains', domains);
  requirePositive('deadlineSeconds', deadlineSeconds);
  const model = modelOf(options);
  const bytesPerSecond: number[] = [];
  const late: number[] = [];
  let lower = 0;
  for (const [index, load] of domains.entries()) {
    const bounds = new BoundedRate(load, Number.POSITIVE_INFINITY, model);
    const wanted = leastRateFor(load, deadlineSeconds, options);
    if (wanted > bounds.most) late.push(index);
    bytesPerSecond.push(wanted > 0 ? bounds.within(wanted) : 0);
    lower += wanted > 0 ? bounds.within(wanted * (1 - tolerance)) : 0;
  }
  const upper = bytesPerSecond.reduce((total, rate) => total + rate, 0);
  return {
    bytesPerSecond,
    totalBytesPerSecond: { lower, upper },
    late,
    fits: upper <= linkBytesPerSecond && late.length === 0,
  };
}
