import type { SimWorkload } from '../domains/info.ts';
import type { WorkloadLevel } from './workload-level.ts';

const pageBytes = 4096;
/** As often as a real engine looks at the log while it waits, and for how long at the most. */
const shortestLookSeconds = 1 / 16;
const longestLookSeconds = 1e5;

/** Pages of one kind, next to each other in memory. */
export interface Region {
  readonly pages: number;
  /** Whole-page writes at the high level, uniformly at random over the region. */
  readonly writesPerSecond: number;
  /** They hold nothing but zeros and are never written. */
  readonly zero: boolean;
}

export interface GuestMemoryOptions {
  readonly memoryBytes: number;
  readonly workload: SimWorkload;
  readonly level: WorkloadLevel;
  /** Of the free memory, what holds nothing but zeros. */
  readonly zeroBytes: number;
  /** How long the workload has been at work when the clock shows 0. */
  readonly workedSeconds: number;
}

/**
 * A guest's memory as page counts, a fluid: what is dirty is a fraction of pages. A region of W pages is written uniformly
 * at random, so that 1 - e^(-n/W) of it is dirty after n writes, as in a process domain's guest (native/process).
 */
export class GuestMemory {
  readonly usedPages: number;
  presentPages: number;
  readonly #written: readonly Region[];
  readonly #zeroPages: number;
  readonly #level: WorkloadLevel;
  readonly #workedSeconds: number;
  #suspendedAt: number | null = null;
  #suspendedSeconds = 0;
  #cleanedAt = 0;

  constructor({ memoryBytes, workload, level, zeroBytes, workedSeconds }: GuestMemoryOptions) {
    const hotPages = pagesOf(workload.hotBytes);
    const coldPages = pagesOf(workload.wwsBytes) - hotPages;
    this.usedPages = pagesOf(workload.usedBytes);
    this.presentPages = pagesOf(memoryBytes);
    this.#written = [
      { pages: hotPages, writesPerSecond: workload.hotWritesPerSecond, zero: false },
      { pages: coldPages, writesPerSecond: workload.coldWritesPerSecond, zero: false },
    ];
    this.#zeroPages = pagesOf(zeroBytes);
    this.#level = level;
    this.#workedSeconds = workedSeconds;
  }

  /** In the order of memory: hot, the rest of the working set, what is never written, zeros. */
  get regions(): readonly Region[] {
    const written = this.#written.reduce((sum, { pages }) => sum + pages, 0);
    const zeros = Math.min(this.#zeroPages, Math.max(this.presentPages - this.usedPages, 0));
    return [
      ...this.#written,
      { pages: this.presentPages - written - zeros, writesPerSecond: 0, zero: false },
      { pages: zeros, writesPerSecond: 0, zero: true },
    ];
  }

  /** Empties the dirty log and returns what was in it: pages for each region. */
  clean(now: number): number[] {
    const dirty = this.regions.map((region) => region.pages * this.dirtyShare(region, now));
    this.#cleanedAt = this.#worked(now);
    return dirty;
  }

  /** Pages in the dirty log. */
  dirtyPages(now: number): number {
    return this.#written.reduce((sum, region) => sum + region.pages * this.dirtyShare(region, now), 0);
  }

  /** The share of a region's pages, 0 to 1, that were written since the log was last cleaned. */
  dirtyShare({ pages, writesPerSecond }: Region, now: number): number {
    if (pages === 0 || writesPerSecond === 0) return 0;
    return -Math.expm1((-writesPerSecond * (this.#worked(now) - this.#cleanedAt)) / pages);
  }

  /** How long it takes from now until more than so many pages are dirty; 0 if they are, Infinity if they never will be. */
  secondsUntilDirty(pages: number, now: number): number {
    const within = (seconds: number) => this.dirtyPages(now + seconds) <= pages;
    if (!within(0)) return 0;
    let high = shortestLookSeconds;
    while (within(high)) {
      high *= 2;
      if (high > longestLookSeconds) return Number.POSITIVE_INFINITY;
    }
    let low = high === shortestLookSeconds ? 0 : high / 2;
    while (high - low > shortestLookSeconds / 64) {
      const middle = (low + high) / 2;
      if (within(middle)) low = middle;
      else high = middle;
    }
    return high;
  }

  suspend(now: number): void {
    this.#suspendedAt ??= now;
  }

  resume(now: number): void {
    if (this.#suspendedAt !== null) this.#suspendedSeconds += now - this.#suspendedAt;
    this.#suspendedAt = null;
  }

  /** Work done so far, in seconds at the high level. */
  #worked(now: number): number {
    return this.#level.integral(this.#workedSeconds + (this.#suspendedAt ?? now) - this.#suspendedSeconds);
  }
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / pageBytes);
}
