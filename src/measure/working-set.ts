import { checkDomain, type Domain } from '../domains/domain.ts';
import { requireDuration, requireObject } from '../model/check.ts';
import { pause, tick } from './clock.ts';
import type { MeasureOptions } from './dirty-rate.ts';

/** A peek takes a good part of a millisecond. */
const minIntervalMs = 1;

export interface WorkingSetOptions extends MeasureOptions {
  /** Time between two peeks, in milliseconds, from 1 on; 1000 as in the paper (§5.2). */
  readonly intervalMs?: number;
  /** Give up waiting for the set to settle after this long; the paper's four minutes. */
  readonly maxMs?: number;
}

/** One point of the growth curve W(t). */
export interface WorkingSetPeek {
  /** Since the log was cleaned. */
  readonly seconds: number;
  /** Different pages written since then. */
  readonly dirtyPages: number;
  readonly probeMs: number;
  /** Longest time the guest was kept from working since the last peek, as it saw it. */
  readonly guestStallMs: number;
  /** This peek and the one before agree: the working set is all there. Only ever true for the last point. */
  readonly settled: boolean;
}

/**
 * The writable working set: clean once, then peek without cleaning until two peeks in a row agree (§5.2). The points are
 * the curve W(t); {@link fitGrowthCurve} makes a rate and a size of them.
 */
export async function* measureWorkingSet(
  domain: Domain,
  options: WorkingSetOptions = {},
): AsyncGenerator<WorkingSetPeek, void, undefined> {
  checkDomain(domain);
  requireObject('options', options);
  const { intervalMs = 1000, maxMs = 240_000, tracker, signal } = options;
  requireDuration('intervalMs', intervalMs, minIntervalMs);
  requireDuration('maxMs', maxMs);
  signal?.throwIfAborted();
  const log = await domain.openDirtyLog(tracker);
  try {
    await log.clean();
    const begin = tick();
    let before = -1;
    for (let index = 1; ; index++) {
      await pause(begin + index * intervalMs - tick(), signal);
      const { pages, probeMs, guestStallMs } = await log.peek();
      const elapsed = tick() - begin;
      const settled = pages === before;
      yield { seconds: elapsed / 1000, dirtyPages: pages, probeMs, guestStallMs, settled };
      if (settled || elapsed >= maxMs) return;
      before = pages;
    }
  } finally {
    await log[Symbol.asyncDispose]();
  }
}
