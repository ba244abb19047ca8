import { argumentError, requireAtLeast } from '../model/check.ts';
import type { DomainLoad, Model } from '../model/load.ts';
import { Precopy } from '../model/precopy.ts';
import { LeastRate } from './least-rate.ts';

/** A domain whose share of the link has limits of its own: a guarantee, its interface's speed. */
export interface BoundedLoad extends DomainLoad {
  /** Its rate is no lower; 0 or more. Default 0. */
  readonly leastBytesPerSecond?: number;
  /** Its rate is no higher; above 0 and no less than `leastBytesPerSecond`, or Infinity, the default. */
  readonly mostBytesPerSecond?: number;
}

/** Floors that leave less than this share of the link to domains without one leave nothing that could be divided. */
const leastToDivide = 1e-9;

/** Whether a link carries these lower bounds, and something for those whose bound is 0. */
export function floorsFit(floors: readonly number[], linkBytesPerSecond: number): boolean {
  const total = floors.reduce((sum, floor) => sum + floor, 0);
  return total <= linkBytesPerSecond * (floors.includes(0) ? 1 - leastToDivide : 1);
}

/** {@link LeastRate} kept within a domain's own bounds and the link: at the upper one it completes when it can. */
export class BoundedRate {
  /** After {@link solve}. */
  bytesPerSecond = 0;
  /** After {@link solve}: -d ln r / d ln T; 0 at a bound. */
  response = 0;
  readonly precopy: Precopy;
  readonly least: number;
  readonly most: number;
  readonly #free: LeastRate;

  /** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the field. */
  constructor(load: BoundedLoad, linkBytesPerSecond: number, model: Model) {
    const { leastBytesPerSecond = 0, mostBytesPerSecond = Number.POSITIVE_INFINITY } = load;
    requireAtLeast('leastBytesPerSecond', leastBytesPerSecond, 0);
    if (!(mostBytesPerSecond > 0 && mostBytesPerSecond >= leastBytesPerSecond)) {
      throw argumentError(
        `mostBytesPerSecond must be above zero and at least leastBytesPerSecond (${leastBytesPerSecond}), ` +
          `not ${mostBytesPerSecond}`,
      );
    }
    this.precopy = new Precopy(load, model);
    this.least = leastBytesPerSecond;
    this.most = Math.min(mostBytesPerSecond, linkBytesPerSecond);
    this.#free = new LeastRate(this.precopy);
  }

  /** Finds the rate for this completion, which must be above zero and between those narrowed down to. */
  solve(completionSeconds: number): void {
    this.#free.solve(completionSeconds);
    this.bytesPerSecond = this.within(this.#free.bytesPerSecond);
    this.response = this.bytesPerSecond === this.#free.bytesPerSecond ? this.#free.response : 0;
  }

  /** See {@link LeastRate.narrow}. */
  narrow(side: 'earlier' | 'later'): void {
    this.#free.narrow(side);
  }

  /** The rate nearest to this one that the bounds allow. */
  within(bytesPerSecond: number): number {
    return Math.min(Math.max(bytesPerSecond, this.least), this.most);
  }

  /** When the domain completes at this rate. */
  completionSeconds(bytesPerSecond: number): number {
    this.precopy.evaluate(bytesPerSecond);
    return this.precopy.trafficBytes / bytesPerSecond;
  }
}
