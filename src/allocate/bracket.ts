/**
 * An interval of positive numbers known to hold a root, and the choice of where to look next: where a fast method
 * proposes, as long as that lies inside and the steps shrink; else in the middle. So a good proposal keeps its speed
 * and a bad one costs no more than bisection.
 */
export class Bracket {
  low = 0;
  high = 0;
  #lastStep = 0;
  #stepBefore = 0;

  /** Starts anew. Needs 0 < low < high. */
  reset(low: number, high: number): this {
    this.low = low;
    this.high = high;
    this.#lastStep = Number.POSITIVE_INFINITY;
    this.#stepBefore = Number.POSITIVE_INFINITY;
    return this;
  }

  /** The geometric middle: the ends can be many orders of magnitude apart. */
  get middle(): number {
    return Math.sqrt(this.low) * Math.sqrt(this.high);
  }

  get relativeWidth(): number {
    return (this.high - this.low) / this.high;
  }

  /** The next place to look, given the present one and a proposal, which may be NaN. */
  next(present: number, proposal: number): number {
    const step = Math.abs(proposal - present);
    const trusted = proposal > this.low && proposal < this.high && step < this.#stepBefore / 2;
    const next = trusted ? proposal : this.middle;
    this.#stepBefore = this.#lastStep;
    this.#lastStep = Math.abs(next - present);
    return next;
  }
}
