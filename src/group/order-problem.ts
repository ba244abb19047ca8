/** Of orders that split equally much: first the groups that send, or first those that receive. */
export type Ties = 'sources-first' | 'sinks-first';

/**
 * Groups that move one after another. A group runs at the source until its time is over and then at the destination, so
 * the link carries the traffic between the groups moved before and all others.
 */
export class OrderProblem {
  /** How long each group takes. */
  readonly seconds: readonly number[];
  readonly groupCount: number;
  /** No order splits more, in bytes. */
  readonly mostSplitBytes: number;
  readonly #between: Float64Array;
  readonly #against: Float64Array;
  readonly #degrees: Float64Array;

  /** @param flows bytes per second from one group to another; those of a group with itself do not count */
  constructor(
    seconds: readonly number[],
    flows: Iterable<readonly [from: number, to: number, bytesPerSecond: number]>,
    ties: Ties,
  ) {
    const groupCount = seconds.length;
    this.seconds = seconds;
    this.groupCount = groupCount;
    this.#between = new Float64Array(groupCount ** 2);
    this.#against = new Float64Array(groupCount ** 2);
    this.#degrees = new Float64Array(groupCount);
    let traffic = 0;
    for (const [from, to, bytesPerSecond] of flows) {
      if (from === to) continue;
      const [sooner, later] = ties === 'sources-first' ? [from, to] : [to, from];
      this.#between[from * groupCount + to]! += bytesPerSecond;
      this.#between[to * groupCount + from]! += bytesPerSecond;
      this.#against[sooner * groupCount + later]! += bytesPerSecond;
      this.#degrees[from]! += bytesPerSecond;
      this.#degrees[to]! += bytesPerSecond;
      traffic += bytesPerSecond;
    }
    this.mostSplitBytes = traffic * seconds.reduce((sum, time) => sum + time, 0);
  }

  /** Traffic between two groups, both ways together. */
  between(one: number, other: number): number {
    return this.#between[one * this.groupCount + other]!;
  }

  /** Traffic between a group and all others. */
  degree(group: number): number {
    return this.#degrees[group]!;
  }

  /** The traffic that speaks, between equals, against moving `group` after `earlier`. */
  against(group: number, earlier: number): number {
    return this.#against[group * this.groupCount + earlier]!;
  }

  /** What the link carries while each group of the order moves, and after the last: bytes per second. */
  splitRates(order: readonly number[]): number[] {
    const rates = [0];
    for (const [place, group] of order.entries()) {
      let withMoved = 0;
      for (let earlier = 0; earlier < place; earlier++) withMoved += this.between(group, order[earlier]!);
      rates.push(Math.max(0, rates[place]! + this.degree(group) - 2 * withMoved));
    }
    return rates;
  }

  /** What the link carries in all, in bytes. */
  splitBytes(order: readonly number[]): number {
    const rates = this.splitRates(order);
    return order.reduce((sum, group, place) => sum + this.seconds[group]! * rates[place]!, 0);
  }
}
