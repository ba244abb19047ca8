import { requirePositive } from '../model/check.ts';
import { type DomainLoad, type ModelOptions, modelOf } from '../model/load.ts';
import { Precopy } from '../model/precopy.ts';
import { Bracket } from './bracket.ts';
import { LeastRate } from './least-rate.ts';

/** A link divided among a group, and when the last of the group completes with it. */
export interface OptimalAllocation {
  /** r_k, in the order of the domains; 0 only for a domain with nothing left to send. */
  readonly bytesPerSecond: number[];
  /**
   * The least common completion lies between the two, which are at most 1e-9 apart (as a share of `upper`): every
   * domain completes by `upper` with its rate, and by `lower` no division of the link lets them all complete.
   */
  readonly completionSeconds: { readonly lower: number; readonly upper: number };
}

/** How near `lower` and `upper` come, relatively. */
const gap = 1e-9;
/** How far beyond the estimated optimum to look, so that the next look is at its other side and closes the bracket. */
const beyond = 0.4 * gap;

/**
 * Divides a link among the domains of a group so that the last of them completes as early as possible: the paper's
 * eq. 9, with {@link predictMigration}'s model, for which it always has a solution, also where the domains together
 * dirty more than the link carries.
 *
 * Completions never grow with the rates, so the optimum is the smallest T at which the least rates r_k(T) fit together
 * into the link. Their sum is continuous and does not grow with T; T is found by Newton's method on the logarithms,
 * kept inside a bracket that starts from what must be sent and what is sent at most. A model is evaluated about a
 * dozen times for each domain.
 *
 * The rates never add up to more than the link. What the tolerance leaves over, some 1e-9 of it, goes to all in
 * proportion to their rates. `lower` holds to rounding: it is certain for a link narrower by 1e-12.
 *
 * @param linkBytesPerSecond B: above 0
 * @throws RangeError with code ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateOptimal(
  domains: readonly DomainLoad[],
  linkBytesPerSecond: number,
  options: ModelOptions = {},
): OptimalAllocation {
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  const model = modelOf(options);
  const rates = domains.map((load) => new LeastRate(new Precopy(load, model)));
  const pending = rates.filter((rate) => rate.precopy.firstBytes > 0);
  if (pending.length === 0) {
    return { bytesPerSecond: rates.map(() => 0), completionSeconds: { lower: 0, upper: 0 } };
  }
  const firstBytes = sum(pending.map((rate) => rate.precopy.firstBytes));
  const mostBytes = sum(pending.map((rate) => rate.precopy.mostBytes));
  // A little wider, so that an optimum at an end, as where nothing is dirtied, is inside.
  const bracket = new Bracket().reset(
    (firstBytes / linkBytesPerSecond) * (1 - gap),
    (mostBytes / linkBytesPerSecond) * (1 + gap),
  );
  let completionSeconds = bracket.middle;
  let fitting: number[] | undefined;
  while (fitting === undefined || bracket.relativeWidth > gap) {
    let demand = 0;
    let yielding = 0;
    for (const rate of pending) {
      rate.solve(completionSeconds);
      demand += rate.bytesPerSecond;
      yielding += rate.bytesPerSecond * rate.response;
    }
    const fits = demand <= linkBytesPerSecond;
    if (fits) {
      bracket.high = completionSeconds;
      fitting = rates.map((rate) => rate.bytesPerSecond);
    } else {
      bracket.low = completionSeconds;
    }
    for (const rate of pending) rate.narrow(fits ? 'earlier' : 'later');
    const estimate = completionSeconds * Math.exp((Math.log(demand / linkBytesPerSecond) * demand) / yielding);
    completionSeconds = bracket.next(completionSeconds, estimate * (fits ? 1 - beyond : 1 + beyond));
  }
  return {
    bytesPerSecond: stretch(fitting, linkBytesPerSecond),
    completionSeconds: { lower: bracket.low, upper: bracket.high },
  };
}

/** The rates grown by one factor to fill the link, unless rounding would let them exceed it. */
function stretch(bytesPerSecond: number[], linkBytesPerSecond: number): number[] {
  const factor = (linkBytesPerSecond / sum(bytesPerSecond)) * (1 - 1e-14);
  const stretched = bytesPerSecond.map((rate) => rate * Math.max(factor, 1));
  return sum(stretched) <= linkBytesPerSecond ? stretched : bytesPerSecond;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
