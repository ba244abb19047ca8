import { checkLoad, type DomainLoad, type Model } from './load.ts';

/**
 * One domain's migration as a function of its rate: the recurrence that everything else here is built on. An evaluation
 * leaves its results in the object's own fields, because the solver does thousands of them and must not allocate.
 */
export class Precopy {
  /** After {@link evaluate}: all bytes sent, S(r), the final copy included. */
  trafficBytes = 0;
  /** After {@link evaluate}: how fast S falls with the rate, -r dS/dr in bytes; 0 or more, 0 where the limit holds. */
  trafficFall = 0;
  /** After {@link evaluate}: rounds of pre-copy begun. */
  rounds = 0;
  /** After {@link evaluate}: the final copy, which is what is sent after pre-copy. */
  finalBytes = 0;

  /** v_0: no migration of this domain sends less than this. */
  readonly firstBytes: number;
  /** No migration of this domain sends more than this, whatever its rate. */
  readonly mostBytes: number;

  readonly #memoryBytes: number;
  readonly #wwsBytes: number;
  readonly #dirtyBytesPerSecond: number;
  readonly #coldBytesPerSecond: number;
  readonly #thresholdBytes: number;
  readonly #thresholdSeconds: number;
  readonly #linear: boolean;
  readonly #roundLimit: number;
  /** What pre-copy may still send. */
  readonly #budgetBytes: number;

  /** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the field. */
  constructor(load: DomainLoad, model: Model) {
    checkLoad(load);
    const { memoryBytes, remainingBytes = memoryBytes, sentBytes = 0 } = load;
    const dirties = load.wwsBytes > 0 && load.dirtyBytesPerSecond > 0;
    this.firstBytes = remainingBytes;
    this.#memoryBytes = memoryBytes;
    this.#wwsBytes = dirties ? load.wwsBytes : 0;
    this.#dirtyBytesPerSecond = dirties ? load.dirtyBytesPerSecond : 0;
    this.#coldBytesPerSecond = load.coldBytesPerSecond ?? 0;
    this.#thresholdBytes = model.thresholdBytes;
    this.#thresholdSeconds = model.thresholdSeconds;
    this.#linear = model.growth === 'linear' || !dirties;
    this.#budgetBytes = Math.max(model.trafficFactor * memoryBytes - sentBytes, 0);
    // A round that meets the limit is the last one, and the pages it has not sent go with the final copy.
    this.#roundLimit = this.#budgetBytes <= remainingBytes ? 1 : model.roundLimit;
    const mostDirtyBytes = this.#coldBytesPerSecond > 0 ? memoryBytes : this.#wwsBytes;
    this.mostBytes = Math.min(
      Math.max(this.#budgetBytes, remainingBytes) + mostDirtyBytes,
      remainingBytes + this.#roundLimit * mostDirtyBytes,
    );
  }

  /**
   * Runs the rounds: v_0 is what there is to send, v_(i+1) = D(v_i / r), and the final copy is the first v_n that is
   * within the threshold, or the one after the last round allowed; S(r) = min(v_0 + ... + v_n, beta M + W).
   *
   * S never grows with the rate. D does not fall with time, so if v_i does not grow with r then neither does v_i / r
   * nor v_(i+1): by induction no term grows. Hence n, the first index within a threshold that does not fall, does not
   * grow either, and a sum of fewer terms, each no larger, is no larger; nor is its minimum with a limit that does not
   * grow. S is also at most v_0 and N times the most that can be dirty. So the completion S(r) / r is finite for every
   * r > 0 and falls strictly, by at least the factor by which r grows: that n is an integer makes it jump, but only
   * downwards. D does not fall with d, W or c either: by the same induction S never falls with them.
   *
   * The limit is eq. 7's, with what is written once while pre-copy lasts beside W. Pre-copy left midway in a round has
   * sent beta M; its final copy is what the rest of the series would have sent, up to that.
   */
  evaluate(bytesPerSecond: number): void {
    const memory = this.#memoryBytes;
    const wws = this.#wwsBytes;
    const budget = this.#budgetBytes;
    const threshold = Math.max(this.#thresholdBytes, this.#thresholdSeconds * bytesPerSecond);
    const linear = this.#linear;
    const coefficient = this.#dirtyBytesPerSecond / bytesPerSecond;
    const coefficientPerWws = coefficient / wws;
    const cold = this.#coldBytesPerSecond / bytesPerSecond;
    const writtenOnce = cold > 0 ? Math.min(cold * budget, memory - wws) : 0;
    const limit = Math.max(budget, this.firstBytes) + wws + writtenOnce;
    let volume = Math.min(this.firstBytes, budget); // v_(n-1)
    let fall = 0; // -r dv/dr of it
    let precopied = 0;
    let total = this.firstBytes;
    let totalFall = 0;
    let rounds = 0;
    let next = 0; // v_n
    for (let n = 1; n <= this.#roundLimit; n++) {
      if (precopied < budget && volume > 0) rounds = n;
      precopied += volume;
      const timeFall = fall + volume; // of v_(n-1) / r, in bytes at r
      if (linear) {
        next = Math.min(coefficient * volume, wws);
        fall = next < wws ? coefficient * timeFall : 0;
      } else {
        const minusShare = Math.expm1(-coefficientPerWws * volume);
        next = -wws * minusShare;
        fall = coefficient * (1 + minusShare) * timeFall;
      }
      if (cold > 0) {
        next += cold * volume;
        fall = next < memory ? fall + cold * timeFall : 0;
        next = Math.min(next, memory);
      }
      total += next;
      totalFall += fall;
      if (total >= limit) {
        total = limit;
        totalFall = writtenOnce < memory - wws ? writtenOnce : 0;
        break;
      }
      if (next <= threshold) break;
      volume = next;
    }
    this.trafficBytes = total;
    this.trafficFall = totalFall;
    this.rounds = rounds;
    this.finalBytes = precopied < budget ? next : total - budget;
  }
}
