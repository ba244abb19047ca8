import { checkDomain, type Domain } from '../domains/domain.ts';
import { requireDuration, requireObject } from '../model/check.ts';
import { pause, tick } from './clock.ts';

const pageBytes = 4096;
/** A probe takes a good part of a millisecond: a shorter window would measure little but the probes. */
export const minWindowMs = 1;

export interface MeasureOptions {
  /** Which way to keep the dirty log; `auto` takes the best that works here. */
  readonly tracker?: string;
  readonly signal?: AbortSignal;
}

export interface DirtyRateOptions extends MeasureOptions {
  /** Length of a window, in milliseconds, from 1 on; 1000 as in the paper (§5.2). */
  readonly windowMs?: number;
  /** Stop after this long, above 0, the last window whole; without it the measurement goes on until the caller leaves the loop or aborts. */
  readonly durationMs?: number;
}

/** One window of a dirty-rate measurement. */
export interface DirtyRateWindow {
  readonly index: number;
  readonly startMs: number;
  /** As it really was, between two cleans. */
  readonly windowMs: number;
  /** Different pages written: a page written twice counts once, so that a longer window gives a lower rate. */
  readonly dirtyPages: number;
  readonly pagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** What the probe at the window's end took. */
  readonly probeMs: number;
  /** Longest time the guest was kept from working in this window, by the probe or anything else, as the guest saw it. */
  readonly guestStallMs: number;
}

/**
 * Dirty pages per window, by reading and cleaning the dirty log at each window's end (§5.2). Owns the domain's dirty log
 * until the loop over it ends. Where reading the log takes longer than a window, windows are as long as that.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, ERR_VMBUDDIES_DIRTY_LOG_BUSY, or the signal's reason
 */
export async function* measureDirtyRate(
  domain: Domain,
  options: DirtyRateOptions = {},
): AsyncGenerator<DirtyRateWindow, void, undefined> {
  checkDomain(domain);
  requireObject('options', options);
  const { windowMs = 1000, durationMs = Infinity, tracker, signal } = options;
  requireDuration('windowMs', windowMs, minWindowMs);
  if (durationMs !== Infinity) requireDuration('durationMs', durationMs);
  signal?.throwIfAborted();
  const log = await domain.openDirtyLog(tracker);
  try {
    await log.clean();
    const begin = tick();
    let start = begin;
    // Windows end on a fixed grid, so that a late wake-up does not shift all later ones; what was missed is left out.
    for (let index = 0, slot = 1; (slot - 1) * windowMs < durationMs; index++) {
      await pause(begin + slot * windowMs - tick(), signal);
      const { pages, probeMs, guestStallMs } = await log.clean();
      const end = tick();
      const pagesPerSecond = (pages / (end - start)) * 1000;
      yield {
        index,
        startMs: start - begin,
        windowMs: end - start,
        dirtyPages: pages,
        pagesPerSecond,
        bytesPerSecond: pagesPerSecond * pageBytes,
        probeMs,
        guestStallMs,
      };
      start = end;
      slot = Math.max(slot + 1, Math.floor((end - begin) / windowMs) + 1);
    }
  } finally {
    await log[Symbol.asyncDispose]();
  }
}
