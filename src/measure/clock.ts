/** Where a measurement or a migration gets its time from. */
export interface Clock {
  /** Seconds; never falls. */
  now(): number;
  /** Waits, not at all for zero or less. Rejects with the signal's own reason. */
  pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/** Milliseconds on the steady clock. */
export function tick(): number {
  return performance.now();
}

/** A timer of Node's holds no more; one that is given more fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Waits, however long; not at all for zero or less. Rejects with the signal's own reason. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  const end = tick() + ms;
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const next = left <= maxTimerMs ? finish : () => wait(end - tick());
      timer = setTimeout(next, Math.min(left, maxTimerMs));
    };
    const finish = () => {
      stop();
      resolve();
    };
    const stop = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal!.reason);
    });
    wait(ms);
  });
}

/** What is to be done when a signal is aborted. */
const actionsAt = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `action` when the signal is aborted, until the returned function is called. A signal has one listener, however
 * many wait for it: a group's domains all wait for the same, and Node warns of more than ten.
 */
export function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  if (signal === undefined) return () => {};
  const known = actionsAt.get(signal);
  const actions = known ?? new Set();
  if (known === undefined) {
    actionsAt.set(signal, actions);
    signal.addEventListener('abort', () => {
      for (const each of [...actions]) each();
      actions.clear();
    });
  }
  actions.add(action);
  return () => {
    actions.delete(action);
  };
}

/** This host's CLOCK_MONOTONIC, by which the native side tells its times too. */
export const hostClock: Clock = { now: () => Number(process.hrtime.bigint()) / 1e9, pause };
