/** More than any reader that keeps up needs, and little enough to be kept: some megabytes. */
const maxKept = 10_000;

/**
 * Events for one or more readers who may come late, or never: the latest 10 000 are kept, and older ones are dropped and
 * counted. A reader that is further behind goes on with the oldest that is kept, so the last event always reaches it.
 */
export class EventQueue<Event> implements AsyncIterable<Event> {
  #events: Event[] = [];
  /** How many were pushed before the first that is kept. */
  #dropped = 0;
  readonly #waiting: (() => void)[] = [];
  #ended = false;

  /** How many events no reader can get any more. */
  get dropped(): number {
    return this.#dropped;
  }

  push(event: Event): void {
    this.#events.push(event);
    // In batches: taking one off the front for each that comes would copy all the others every time.
    if (this.#events.length >= 2 * maxKept) {
      this.#dropped += this.#events.length - maxKept;
      this.#events = this.#events.slice(-maxKept);
    }
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** From the first event that is kept, whenever it is called. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for (let next = 0; ; ) {
      for (;;) {
        next = Math.max(next, this.#dropped);
        if (next === this.#dropped + this.#events.length) break;
        yield this.#events[next++ - this.#dropped]!;
      }
      if (this.#ended) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
