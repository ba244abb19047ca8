import type { GuestMemory, Region } from './guest-memory.ts';

/** On the wire (native/core/stream_format.h): a page's data, its entry in a record, and the heads of a record. */
const dataBytes = 4096;
const entryBytes = 8;
const recordBytes = 16;
/** A record carries what the rate sends in a tenth of a second (native/core/domain_rounds.cc). */
const recordsPerSecond = 10;
const mostRecordPages = 256;
/** The share of a stretch that is taken to go at one speed while its guest writes. */
const step = 1 / 16;
/** How exactly the time of a step is found. */
const exactness = 1e-3;
/** Sums of fractions of pages are not exact. */
const nothing = 1e-6;

export interface CopyingOptions {
  readonly memory: GuestMemory;
  readonly regions: readonly Region[];
  /** Pages to send, for each region. */
  readonly pendingPages: readonly number[];
  /** The regions lie one behind the other; otherwise their pages lie anywhere. */
  readonly packed: boolean;
  /** Leave out what is dirty again: the guest runs on. */
  readonly skips: boolean;
  /** Pages with data that may be sent before the round is left midway. */
  readonly mostSentPages: number;
}

/** Pages to send in no order: whatever share of the stretch is done, the same share of each region's pages is. */
interface Stretch {
  readonly parts: readonly { readonly region: Region; readonly pages: number }[];
  readonly pages: number;
  readonly zeroPages: number;
  /** What is skipped does not change as time goes by. */
  readonly constant: boolean;
}

/**
 * One round's pages on their way, as a fluid. As a guest writes on while the round lasts, ever more of what comes up is
 * skipped, and the round goes faster.
 */
export class Copying {
  readonly totalPages: number;
  sentPages = 0;
  zeroPages = 0;
  skippedPages = 0;
  sentBytes = 0;
  readonly #options: CopyingOptions;
  readonly #stretches: readonly Stretch[];
  #stretch = 0;
  /** The share of the present stretch that is dealt with, 0 to 1. */
  #done = 0;

  constructor(options: CopyingOptions) {
    this.#options = options;
    this.#stretches = stretchesOf(options);
    this.totalPages = this.#stretches.reduce((sum, { pages }) => sum + pages, 0);
  }

  get handledPages(): number {
    return this.sentPages + this.zeroPages + this.skippedPages;
  }

  get ended(): boolean {
    return this.#stretch === this.#stretches.length || this.sentPages >= this.#options.mostSentPages - nothing;
  }

  /** Pages that are still to be sent, for each region. */
  unsentPages(): number[] {
    const unsent = this.#options.regions.map(() => 0);
    for (const [index, { parts }] of this.#stretches.entries()) {
      if (index < this.#stretch) continue;
      const share = index === this.#stretch ? 1 - this.#done : 1;
      for (const { region, pages } of parts) unsent[this.#options.regions.indexOf(region)] = pages * share;
    }
    return unsent;
  }

  /** Sends from `from` to `to` at this rate. Returns `to`, or when there was no more to send. */
  advance(from: number, to: number, bytesPerSecond: number): number {
    let now = from;
    while (!this.ended && now < to && bytesPerSecond > 0) now = this.#step(now, to, bytesPerSecond);
    return this.ended ? now : to;
  }

  /** When it will have ended if the rate stays; Infinity for a rate of 0. */
  endsAt(now: number, bytesPerSecond: number): number {
    const ahead = new Copying(this.#options);
    ahead.sentPages = this.sentPages;
    ahead.#stretch = this.#stretch;
    ahead.#done = this.#done;
    return ahead.advance(now, Number.POSITIVE_INFINITY, bytesPerSecond);
  }

  /** One step, or what of it goes up to `to`. Returns the time then. */
  #step(now: number, to: number, bytesPerSecond: number): number {
    const stretch = this.#stretches[this.#stretch]!;
    const { pages, zeroPages, constant } = stretch;
    const recordPages = Math.min(Math.max(bytesPerSecond / recordsPerSecond / dataBytes, 1), mostRecordPages);
    const headBytes = entryBytes + recordBytes / recordPages;
    const bytesWithout = (skipped: number) =>
      (pages - zeroPages - skipped) * (dataBytes + headBytes) + zeroPages * headBytes;

    const rest = 1 - this.#done;
    const share = constant ? rest : Math.min(step, rest);
    // The middle of the step stands for all of it, and the longer it takes, the more of it is skipped.
    const secondsWith = (skipped: number) => (bytesWithout(skipped) * share) / bytesPerSecond;
    const skippedWithin = (seconds: number) => this.#skipped(stretch, now + seconds / 2);
    const seconds = agreement((tried) => secondsWith(skippedWithin(tried)), secondsWith(this.#skipped(stretch, now)));
    const skipped = skippedWithin(seconds);
    const sent = pages - zeroPages - skipped;
    const bytes = bytesWithout(skipped);

    const mostSent = this.#options.mostSentPages - this.sentPages;
    const partUntilTo = (to - now) / seconds;
    const part = Math.min(1, partUntilTo, sent > 0 ? mostSent / (sent * share) : 1);
    const moved = share * part;
    this.sentPages += sent * moved;
    this.zeroPages += zeroPages * moved;
    this.skippedPages += skipped * moved;
    this.sentBytes += bytes * moved;
    this.#done += moved;
    if (part === 1 && share === rest) {
      this.#stretch++;
      this.#done = 0;
    }
    // Rounding must not leave a moment that is too short to ever go by.
    return part === partUntilTo ? to : now + seconds * part;
  }

  /** Pages of the stretch that would be left out now. */
  #skipped({ parts, constant }: Stretch, now: number): number {
    if (constant) return 0;
    return parts.reduce((sum, { region, pages }) => sum + pages * this.#options.memory.dirtyShare(region, now), 0);
  }
}

/** The x from 0 to `most` that a falling function gives for itself. */
function agreement(falling: (x: number) => number, most: number): number {
  let low = 0;
  let high = most;
  let x = falling(most);
  // Where little changes within a step, the first guess is as good as any.
  for (let y = falling(x); high - low > high * exactness && Math.abs(y - x) > x * exactness; y = falling(x)) {
    if (y > x) low = x;
    else high = x;
    x = (low + high) / 2;
  }
  return x;
}

function stretchesOf({ regions, pendingPages, packed, skips }: CopyingOptions): Stretch[] {
  const parts = regions.flatMap((region, index) => {
    const pages = pendingPages[index]!;
    return pages > 0 ? [{ region, pages }] : [];
  });
  const inOrder = packed ? parts.map((part) => [part]) : [parts].filter(({ length }) => length > 0);
  return inOrder.map((together) => ({
    parts: together,
    pages: together.reduce((sum, { pages }) => sum + pages, 0),
    zeroPages: together.reduce((sum, { region, pages }) => sum + (region.zero ? pages : 0), 0),
    constant: !skips || together.every(({ region }) => region.writesPerSecond === 0),
  }));
}
