import { setTimeout as wait } from 'node:timers/promises';

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

/** Waits, not at all for zero or less. Rejects with the signal's own reason. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  try {
    await wait(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** This host's CLOCK_MONOTONIC, by which the native side tells its times too. */
export const hostClock: Clock = { now: () => Number(process.hrtime.bigint()) / 1e9, pause };
