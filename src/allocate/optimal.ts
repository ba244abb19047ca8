import { argumentError, requireObjects, requirePositive } from '../model/check.ts';
import { type ModelOptions, modelOf } from '../model/load.ts';
import { type BoundedLoad, BoundedRate, floorsFit } from './bounded-rate.ts';
import { Bracket } from './bracket.ts';

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
 * Completions never grow with the rates, so the optimum is the smallest T at which the least rates r_k(T), each kept
 * within its domain's bounds, fit together into the link. Their sum is continuous and does not grow with T; T is found
 * by Newton's method on the logarithms, kept inside a bracket that starts from what must be sent and what is sent at
 * most. A model is evaluated about a dozen times for each domain.
 *
 * The division is the lexicographic one: a domain that even its upper bound lets complete only later than the others
 * gets that bound, and the others complete as early as what it leaves allows, not just as early as it does. Since the
 * sum is continuous, some of the link is left over only where all are at their upper bounds. The rates never add up to
 * more than the link; what the tolerance leaves, some 1e-9 of it, goes to all below their upper bounds in proportion to
 * their rates. `lower` holds to rounding: it is certain for a link narrower by 1e-12.
 *
 * @param linkBytesPerSecond B: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range; also where the
 *   domains' lower bounds add up to more than the link, or leave nothing of it to a domain without one.
 */
export function allocateOptimal(
  domains: readonly BoundedLoad[],
  linkBytesPerSecond: number,
  options: ModelOptions = {},
): OptimalAllocation {
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requireObjects('domains', domains);
  const model = modelOf(options);
  const rates = domains.map((load) => new BoundedRate(load, linkBytesPerSecond, model));
  const pending = rates.filter((rate) => rate.precopy.firstBytes > 0);
  const floors = pending.map(({ least }) => least);
  if (!floorsFit(floors, linkBytesPerSecond)) {
    const others = floors.includes(0) ? ', which leaves nothing for the other domains' : '';
    throw argumentError(`leastBytesPerSecond adds up to ${sum(floors)} on a link of ${linkBytesPerSecond}${others}`);
  }
  const { bytesPerSecond, lower, upper } =
    sum(pending.map(({ most }) => most)) <= linkBytesPerSecond
      ? { bytesPerSecond: pending.map(({ most }) => most), lower: 0, upper: 0 }
      : divide(pending, linkBytesPerSecond);
  let last = 0;
  for (const [at, rate] of pending.entries()) {
    if (bytesPerSecond[at] === rate.most) last = Math.max(last, rate.completionSeconds(rate.most));
  }
  const shares = new Map(pending.map((rate, at) => [rate, bytesPerSecond[at]!]));
  return {
    bytesPerSecond: rates.map((rate) => shares.get(rate) ?? 0),
    completionSeconds: { lower: Math.max(lower, last), upper: Math.max(upper, last) },
  };
}

/** The water level: the least completion of those that are not held back by their upper bounds. */
function divide(rates: readonly BoundedRate[], linkBytesPerSecond: number) {
  const bracket = new Bracket().reset(...outermost(rates, linkBytesPerSecond));
  let completionSeconds = bracket.middle;
  let fitting: number[] | undefined;
  while (fitting === undefined || bracket.relativeWidth > gap) {
    let demand = 0;
    let yielding = 0;
    for (const rate of rates) {
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
    for (const rate of rates) rate.narrow(fits ? 'earlier' : 'later');
    const estimate = completionSeconds * Math.exp((Math.log(demand / linkBytesPerSecond) * demand) / yielding);
    completionSeconds = bracket.next(completionSeconds, estimate * (fits ? 1 - beyond : 1 + beyond));
  }
  return { bytesPerSecond: stretch(fitting, rates, linkBytesPerSecond), lower: bracket.low, upper: bracket.high };
}

/** A completion too early for the link even if nothing were dirtied, and one late enough whatever is. */
function outermost(rates: readonly BoundedRate[], linkBytesPerSecond: number): [number, number] {
  const demand = (bytes: (rate: BoundedRate) => number, seconds: number) =>
    sum(rates.map((rate) => rate.within(bytes(rate) / seconds)));
  const first = ({ precopy }: BoundedRate) => precopy.firstBytes;
  const most = ({ precopy }: BoundedRate) => precopy.mostBytes;
  // A little wider, so that an optimum at an end, as where nothing is dirtied, is inside.
  let early = (sum(rates.map(first)) / linkBytesPerSecond) * (1 - gap);
  let late = (sum(rates.map(most)) / linkBytesPerSecond) * (1 + gap);
  while (demand(first, early) <= linkBytesPerSecond) early /= 2;
  while (demand(most, late) > linkBytesPerSecond) late *= 2;
  return [early, late];
}

/** The rates grown by one factor to fill the link, unless rounding would let them exceed it. */
function stretch(bytesPerSecond: number[], rates: readonly BoundedRate[], linkBytesPerSecond: number): number[] {
  const total = sum(bytesPerSecond);
  const held = sum(bytesPerSecond.filter((rate, at) => rate === rates[at]!.most));
  const factor = ((linkBytesPerSecond - held) / (total - held)) * (1 - 1e-14);
  const stretched = bytesPerSecond.map((rate, at) => rates[at]!.within(rate * Math.max(factor, 1)));
  return sum(stretched) <= linkBytesPerSecond ? stretched : bytesPerSecond;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
