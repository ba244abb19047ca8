import { requireObject, requireObjects, requirePositive } from '../model/check.ts';
import { type DomainLoad, type Model, type ModelOptions, modelOf } from '../model/load.ts';
import { Precopy } from '../model/precopy.ts';
import { type BoundedLoad, BoundedRate, floorsFit } from './bounded-rate.ts';
import { Bracket } from './bracket.ts';
import { allocateOptimal, type OptimalAllocation } from './optimal.ts';

/** A division whose pause fits, or the least pause that would. */
export type DowntimeAllocation = DowntimeMet | DowntimeMissed;

/** The least common completion of all divisions that keep every pause within the budget. */
export interface DowntimeMet extends OptimalAllocation {
  readonly fits: true;
  /** The group's predicted pause: all that is left then, at the whole link; within the budget. */
  readonly downtimeMs: number;
}

/** No division keeps every pause within the budget. */
export interface DowntimeMissed {
  readonly fits: false;
  /** The least budget that some division keeps, to a millionth of it. */
  readonly leastDowntimeMs: number;
}

/** {@link DowntimeMissed.leastDowntimeMs} is found to a few of these. */
const budgetTolerance = 1e-7;
/** How near a domain's least rate is found. */
const rateTolerance = 1e-12;
/** A rate that is so small a share of one known to suffice stands for any rate at all. */
const anyRate = 1e-15;

/**
 * The least common completion with a predicted pause within `maxDowntimeMs`. A pause has two causes: a domain's rate,
 * and where its pre-copy ends. The end is the stop rule `downtime`'s: pre-copy goes on until the final copy takes no
 * longer than the budget at the domain's own rate, or a limit of rounds or traffic is met. Whether the first comes true
 * is then a matter of the rate alone, and once it does it does at every higher one, for with more rate less is left
 * after each round and more may be. So the budget is a lower bound on each domain's rate, and {@link allocateOptimal}
 * does the rest.
 *
 * The pauses of the group, suspended together and with the link divided by what is left ({@link allocateFinalCopy}),
 * last sum(F_k) / B, which is at most the longest of the F_k / r_k: what is promised for each domain holds for the
 * group.
 *
 * @param linkBytesPerSecond B: above 0
 * @param maxDowntimeMs without suspending, device state and the round trip; above 0
 * @param options `thresholdBytes` and `thresholdSeconds` have no effect here: the budget takes their place
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, as {@link allocateOptimal}.
 */
export function allocateForDowntime(
  domains: readonly BoundedLoad[],
  linkBytesPerSecond: number,
  maxDowntimeMs: number,
  options: Omit<ModelOptions, 'thresholdBytes' | 'thresholdSeconds'> = {},
): DowntimeAllocation {
  requirePositive('maxDowntimeMs', maxDowntimeMs);
  requireObjects('domains', domains);
  requireObject('options', options);
  const modelFor = (seconds: number): Model => modelOf({ ...options, thresholdBytes: 0, thresholdSeconds: seconds });
  // Refuses wrong arguments too.
  const unlimited = allocateOptimal(domains, linkBytesPerSecond, modelFor(0));
  const seconds = maxDowntimeMs / 1000;
  const limited = withBudget(domains, linkBytesPerSecond, modelFor(seconds));
  if (limited !== null) {
    const optimal = allocateOptimal(limited, linkBytesPerSecond, modelFor(seconds));
    const left = residuals(domains, optimal, modelFor(seconds)).reduce((sum, { bytes }) => sum + bytes, 0);
    return { fits: true, ...optimal, downtimeMs: (left / linkBytesPerSecond) * 1000 };
  }
  // The pauses of any division are a budget that some division keeps.
  const longest = Math.max(...residuals(domains, unlimited, modelFor(0)).map(({ bytes, rate }) => bytes / rate));
  // A little more, lest rounding of the rates that it asks for keep it from fitting.
  const bracket = new Bracket().reset(seconds, Math.max(longest, seconds) * (1 + 2 * budgetTolerance));
  while (bracket.relativeWidth > budgetTolerance) {
    const { middle } = bracket;
    if (withBudget(domains, linkBytesPerSecond, modelFor(middle)) === null) bracket.low = middle;
    else bracket.high = middle;
  }
  return { fits: false, leastDowntimeMs: bracket.high * 1000 };
}

/**
 * The domains with the lower bounds that the budget, `model.thresholdSeconds`, puts on their rates; null if they do not
 * fit.
 */
function withBudget(domains: readonly BoundedLoad[], linkBytesPerSecond: number, model: Model): BoundedLoad[] | null {
  const limited: BoundedLoad[] = [];
  const floors: number[] = [];
  for (const load of domains) {
    const bounds = new BoundedRate(load, linkBytesPerSecond, model);
    const leastBytesPerSecond = Math.max(bounds.least, leastRateToPause(bounds.precopy, model.thresholdSeconds));
    if (leastBytesPerSecond > bounds.most) return null;
    limited.push({ ...load, leastBytesPerSecond });
    if (bounds.precopy.firstBytes > 0) floors.push(leastBytesPerSecond);
  }
  return floorsFit(floors, linkBytesPerSecond) ? limited : null;
}

/** The least rate whose final copy takes no longer than this; 0 where that holds at any. */
function leastRateToPause(precopy: Precopy, seconds: number): number {
  const suffices = (rate: number): boolean => {
    precopy.evaluate(rate);
    return precopy.finalBytes <= seconds * rate;
  };
  const enough = precopy.mostBytes / seconds;
  if (suffices(enough * anyRate)) return 0;
  const bracket = new Bracket().reset(enough * anyRate, enough);
  while (bracket.relativeWidth > rateTolerance) {
    const { middle } = bracket;
    if (suffices(middle)) bracket.high = middle;
    else bracket.low = middle;
  }
  return bracket.high;
}

/** What the domains that have anything to send leave to their final copies. */
function residuals(domains: readonly DomainLoad[], { bytesPerSecond }: OptimalAllocation, model: Model) {
  return domains.flatMap((load, index) => {
    const rate = bytesPerSecond[index]!;
    if (rate === 0) return [];
    const precopy = new Precopy(load, model);
    precopy.evaluate(rate);
    return [{ rate, bytes: precopy.finalBytes }];
  });
}
