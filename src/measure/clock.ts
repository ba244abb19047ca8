import { setTimeout as wait } from 'node:timers/promises';

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
