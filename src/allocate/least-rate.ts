import type { Precopy } from '../model/precopy.ts';
import { Bracket } from './bracket.ts';

/** A completion this near below the wanted one, relatively, meets it. Rounding in the model is a hundred times less. */
const tolerance = 1e-12;

/**
 * The inverse of one domain's completion: the least rate with which it completes in time. Levels of time are tried one
 * after another; each solve starts from what the ones before it have shown.
 *
 * Both what has to be met and how well rest on one fact: r T(r) is the traffic, which never grows with r. So a rate
 * lower by a share w completes later by at least that share, and a rate whose completion lies within `tolerance` under
 * the wanted one is within `tolerance` of the least. Where T(r) jumps past the wanted time no rate comes that near;
 * there the bracket closes on the jump.
 */
export class LeastRate {
  /** After {@link solve}: completes in time, and is at most `tolerance` over the least rate that does. */
  bytesPerSecond = 0;
  /** After {@link solve}: -d ln r / d ln T, the share by which the rate gives way to time; in [0, 1], 0 at a jump. */
  response = 0;
  readonly precopy: Precopy;
  #completionSeconds = 0;
  #tooLow = 0;
  #enough = Number.POSITIVE_INFINITY;
  readonly #bracket = new Bracket();

  constructor(precopy: Precopy) {
    this.precopy = precopy;
  }

  /** Finds the rate for this completion, which must be above zero and between those narrowed down to. */
  solve(completionSeconds: number): void {
    const precopy = this.precopy;
    const tooLow = Math.max(this.#tooLow, (precopy.firstBytes / completionSeconds) * (1 - tolerance));
    const enough = Math.min(this.#enough, (precopy.mostBytes / completionSeconds) * (1 + 2 * tolerance));
    const bracket = this.#bracket.reset(tooLow, enough);
    const aim = completionSeconds * (1 - tolerance / 2);
    let rate = this.#extrapolate(completionSeconds);
    if (!(rate > tooLow && rate < enough)) rate = bracket.middle;
    for (;;) {
      precopy.evaluate(rate);
      const reached = precopy.trafficBytes / rate;
      this.response = precopy.trafficBytes / (precopy.trafficBytes + precopy.trafficFall);
      if (reached > completionSeconds) {
        bracket.low = rate;
      } else {
        bracket.high = rate;
        if (reached >= completionSeconds * (1 - tolerance)) break;
      }
      if (bracket.relativeWidth <= tolerance) {
        this.response = 0;
        break;
      }
      rate = bracket.next(rate, rate * Math.exp(Math.log(reached / aim) * this.response));
    }
    this.bytesPerSecond = bracket.high;
    this.#completionSeconds = completionSeconds;
  }

  /** Learns on which side of the completion last solved for the coming ones lie. */
  narrow(side: 'earlier' | 'later'): void {
    if (side === 'earlier') this.#tooLow = this.bytesPerSecond * (1 - 2 * tolerance);
    else this.#enough = this.bytesPerSecond;
  }

  /** The rate that the last solution points at; NaN where there is none. */
  #extrapolate(completionSeconds: number): number {
    if (this.#completionSeconds === 0) return Number.NaN;
    return this.bytesPerSecond * Math.exp(Math.log(this.#completionSeconds / completionSeconds) * this.response);
  }
}
