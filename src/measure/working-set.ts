import { checkDomain, type Domain } from '../domains/domain.ts';
import { requireDuration, requireObject } from '../model/check.ts';
import { pause, tick } from './clock.ts';
import { fitGrowthCurve, type GrowthFit, type GrowthPoint } from './curve.ts';
import type { MeasureOptions } from './dirty-rate.ts';

/** A peek takes a good part of a millisecond. */
const minIntervalMs = 1;

export interface WorkingSetOptions extends MeasureOptions {
  /** Time between two peeks, in milliseconds, from 1 on; 1000 as in the paper (§5.2). */
  readonly intervalMs?: number;
  /** Give up waiting for the set to settle after this long, above 0. Default 60 000. */
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
  /** More peeks would tell nothing new. Only ever true for the last point. */
  readonly settled: boolean;
  /**
   * Why: `equal`, this peek and the one before agree, so the working set is all there; `fit`, the curve that was fitted to
   * the first half of the points has foretold the second, and little of the hot set is still clean. null: it is not settled.
   */
  readonly settledBy: 'equal' | 'fit' | null;
}

/** The fit is settled from so many points on, if it is off by no more than this, ... */
const enoughPoints = 8;
const fitTolerance = 0.02;
/** ...and so much of the hot set was seen: before that nothing tells a large set from a rate of ever new pages. */
const seenShare = 0.9;

/**
 * The writable working set: clean once, then peek without cleaning until two peeks in a row agree (§5.2), or until the
 * curve has settled that is fitted to them. The points are the curve W(t); {@link fitGrowthCurve} makes a rate and a size
 * of them. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, ERR_VMBUDDIES_DIRTY_LOG_BUSY, or the signal's reason
 */
export async function* measureWorkingSet(
  domain: Domain,
  options: WorkingSetOptions = {},
): AsyncGenerator<WorkingSetPeek, void, undefined> {
  checkDomain(domain);
  requireObject('options', options);
  const { intervalMs = 1000, maxMs = 60_000, tracker, signal } = options;
  requireDuration('intervalMs', intervalMs, minIntervalMs);
  requireDuration('maxMs', maxMs);
  signal?.throwIfAborted();
  const log = await domain.openDirtyLog(tracker);
  try {
    await log.clean();
    const begin = tick();
    let before = -1;
    const points: GrowthPoint[] = [];
    for (let slot = 1; ; ) {
      await pause(begin + slot * intervalMs - tick(), signal);
      const { pages, probeMs, guestStallMs } = await log.peek();
      const elapsed = tick() - begin;
      points.push({ seconds: elapsed / 1000, dirtyPages: pages });
      const settledBy = pages === before ? 'equal' : isFitted(points) ? 'fit' : null;
      const settled = settledBy !== null;
      yield { seconds: elapsed / 1000, dirtyPages: pages, probeMs, guestStallMs, settled, settledBy };
      if (settled || elapsed >= maxMs) return;
      before = pages;
      slot = Math.max(slot + 1, Math.floor(elapsed / intervalMs) + 1);
    }
  } finally {
    await log[Symbol.asyncDispose]();
  }
}

/** Whether the curve is known: the first half of the points foretells the second. */
function isFitted(points: readonly GrowthPoint[]): boolean {
  if (points.length < enoughPoints) return false;
  const half = fitGrowthCurve(points.slice(0, points.length >> 1));
  const later = points.slice(points.length >> 1);
  const foretold = later.every(
    ({ seconds, dirtyPages }) => Math.abs(fittedPages(half, seconds) - dirtyPages) <= fitTolerance * dirtyPages,
  );
  if (!foretold) return false;
  const fit = fitGrowthCurve(points);
  const last = points.at(-1)!;
  const hotPages = last.dirtyPages - fit.coldPagesPerSecond * last.seconds;
  return fit.relativeError <= fitTolerance && hotPages >= seenShare * fit.wwsPages;
}

function fittedPages({ wwsPages, dirtyPagesPerSecond, coldPagesPerSecond }: GrowthFit, seconds: number): number {
  const hot = wwsPages > 0 ? -wwsPages * Math.expm1((-dirtyPagesPerSecond * seconds) / wwsPages) : 0;
  return hot + coldPagesPerSecond * seconds;
}
