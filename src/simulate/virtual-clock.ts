import { VmbuddiesError } from '../errors.ts';

import { onAbort } from '../measure/clock.ts';

/** Seconds since the simulation began. */
export type Instant = number;

export interface Timer {
  /** The action will not be carried out. Any number of times. */
  cancel(): void;
}

interface Entry {
  readonly at: Instant;
  readonly order: number;
  action: (() => void) | null;
}

/** Beyond this a clock is no longer exact enough to tell one round from the next. */
const maxSeconds = 100 * 365 * 86_400;

/** So many actions are carried out before the rest of the process has a turn. */
const stepsPerTurn = 1000;

/**
 * Discrete time: it jumps from one planned action to the next. Actions planned for one instant are carried out in the
 * order in which they were planned, so that a run is a function of its inputs.
 */
export class VirtualClock {
  #now: Instant = 0;
  #planned = 0;
  readonly #heap: Entry[] = [];
  readonly #maxActions: number;
  #stopped: { readonly error: unknown } | null = null;

  /** @param maxActions after so many `run` gives up */
  constructor(maxActions = Number.POSITIVE_INFINITY) {
    this.#maxActions = maxActions;
  }

  get now(): Instant {
    return this.#now;
  }

  /** Plans `action` for so many seconds from now; 0 or more. */
  after(seconds: number, action: () => void): Timer {
    const entry: Entry = { at: this.#now + Math.max(seconds, 0), order: this.#planned++, action };
    this.#push(entry);
    return {
      cancel: () => {
        entry.action = null;
      },
    };
  }

  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(seconds, resolve);
    });
  }

  /** Waits, not at all for zero or less. Rejects with the signal's own reason. */
  async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = onAbort(signal, () => {
        timer.cancel();
        reject(signal!.reason);
      });
      const timer = this.after(ms / 1000, () => {
        stop();
        resolve();
      });
    });
  }

  /** Time ends: `run` rejects with this error, the first one given. For what must not look like an outcome. */
  stop(error: unknown): void {
    this.#stopped ??= { error };
  }

  /**
   * Lets time run until `work` has settled, and returns what it came to. Between two actions everything that became
   * ready runs to its end first.
   * @throws Error when nothing is planned any more and `work` still waits: it can never settle
   * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT when it takes more than 100 years, or more actions than it may
   */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    for (let steps = 0; ; steps++) {
      await (steps % stepsPerTurn === 0 ? turn() : settled());
      if (this.#stopped) throw this.#stopped.error;
      if (done) return await work;
      const next = this.#pop();
      if (!next) throw new Error(`the simulation stands still at ${this.#now} s: nothing is planned any more`);
      if (!next.action) continue;
      if (next.at > maxSeconds) throw endless('the simulated migration would take more than 100 years');
      if (steps >= this.#maxActions) throw endless(`the simulation has not ended after ${this.#maxActions} steps`);
      this.#now = next.at;
      next.action();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function endless(what: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${what}: look for a value that is far too small or too large`);
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Resolves when every promise that can settle by itself has: Node runs its next tick when no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** The same, and lets whatever else goes on in this process have its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
