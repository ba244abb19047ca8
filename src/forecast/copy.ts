import type { ForecastLoad, LoadSlice } from './load.ts';

/** On the wire: a page, its entry in a record, and its share of the record's head. */
const wireBytes = 4096 + 8 + 16 / 256;

/** No step of a slice sees more than such a share of it become dirty again. */
const longestStep = 0.3;

/** Neighbouring slices that are written alike, to such a share of their pages, are as good as one. */
const alike = 0.1;

/** What is dirty of a guest that is written at random, since its log was last cleaned. */
export class DirtyMemory {
  readonly slices: readonly LoadSlice[];
  readonly pages: number;
  /** When the log was cleaned last. */
  cleanedAt = 0;
  readonly #hotPages: number;
  readonly #coldPages: number;
  readonly #hotRate: number;
  readonly #coldRate: number;

  constructor(load: ForecastLoad, pace: number) {
    this.slices = merged(load.slices);
    this.pages = load.slices.reduce((sum, { pages }) => sum + pages, 0);
    this.#hotPages = load.slices.reduce((sum, { hotPages }) => sum + hotPages, 0);
    this.#coldPages = load.slices.reduce((sum, { coldPages }) => sum + coldPages, 0);
    this.#hotRate = load.hotWritesPerSecond * pace;
    this.#coldRate = load.coldWritesPerSecond * pace;
  }

  /** Pages dirty so many seconds after a clean. */
  after(seconds: number): number {
    return this.#hotPages * this.hotShare(seconds) + this.#coldPages * this.coldShare(seconds);
  }

  hotShare(seconds: number): number {
    return -Math.expm1(-this.#hotRate * seconds);
  }

  coldShare(seconds: number): number {
    return -Math.expm1(-this.#coldRate * seconds);
  }

  /** By how many pages a second so many hot and cold ones become fewer that are still clean so long after a clean. */
  fall(hotPages: number, coldPages: number, seconds: number): number {
    const hot = hotPages * this.#hotRate * Math.exp(-this.#hotRate * seconds);
    return hot + coldPages * this.#coldRate * Math.exp(-this.#coldRate * seconds);
  }

  /** How long after a clean more than so many pages are dirty; Infinity if that never happens. */
  secondsUntil(pages: number): number {
    if (pages >= this.#hotPages + this.#coldPages) return Number.POSITIVE_INFINITY;
    let high = 1 / 16;
    while (this.after(high) <= pages) {
      high *= 2;
      if (high > 1e6) return Number.POSITIVE_INFINITY;
    }
    let low = high / 2;
    for (let halving = 0; halving < 20; halving++) {
      const middle = (low + high) / 2;
      if (this.after(middle) <= pages) low = middle;
      else high = middle;
    }
    return high;
  }
}

function merged(slices: readonly LoadSlice[]): LoadSlice[] {
  const result: LoadSlice[] = [];
  for (const slice of slices) {
    const last = result.at(-1);
    if (
      last &&
      Math.abs(hotness(last) - hotness(slice)) < alike &&
      Math.abs(coldness(last) - coldness(slice)) < alike
    ) {
      result[result.length - 1] = {
        pages: last.pages + slice.pages,
        hotPages: last.hotPages + slice.hotPages,
        coldPages: last.coldPages + slice.coldPages,
      };
    } else if (slice.pages > 0) {
      result.push(slice);
    }
  }
  return result;
}

function hotness({ pages, hotPages }: LoadSlice): number {
  return pages > 0 ? hotPages / pages : 0;
}

function coldness({ pages, coldPages }: LoadSlice): number {
  return pages > 0 ? coldPages / pages : 0;
}

/** What a round has to do. */
export interface RoundStart {
  readonly beganAt: number;
  /** All that is present, or what a time of so many seconds has left dirty. */
  readonly content: 'all' | number;
  /** Pages in all, where that is known or more than what was dirtied. */
  readonly totalPages?: number;
  /** Of these, how many are dealt with already. Default 0. */
  readonly donePages?: number;
  /** Leave out what is dirty again: the guest runs on. */
  readonly skips: boolean;
  /** Pages that may be sent before the round is left midway. */
  readonly mostSentPages: number;
}

/** One round's pages on their way through memory, as a fluid: what is dirty again before its turn is skipped. */
export class RoundCopy {
  sentPages = 0;
  skippedPages = 0;
  readonly totalPages: number;
  readonly beganAt: number;
  readonly #memory: DirtyMemory;
  readonly #skips: boolean;
  readonly #mostSentPages: number;
  /** For each slice, what the round has to send of each part. */
  readonly #hot: Float64Array;
  readonly #cold: Float64Array;
  readonly #rest: Float64Array;
  #slice = 0;
  #done = 0;

  /** Begins a round; `memory` is what it was since the clean before that with which this round began. */
  constructor(memory: DirtyMemory, { beganAt, content, skips, mostSentPages, ...size }: RoundStart) {
    const { slices } = memory;
    this.#memory = memory;
    this.beganAt = beganAt;
    this.#skips = skips;
    this.#mostSentPages = mostSentPages;
    this.#hot = new Float64Array(slices.length);
    this.#cold = new Float64Array(slices.length);
    this.#rest = new Float64Array(slices.length);
    const hotShare = content === 'all' ? 1 : memory.hotShare(content);
    const coldShare = content === 'all' ? 1 : memory.coldShare(content);
    const expected = content === 'all' ? memory.pages : memory.after(content);
    this.totalPages = size.totalPages ?? expected;
    const factor = expected > 0 ? this.totalPages / expected : 0;
    for (const [at, { pages, hotPages, coldPages }] of slices.entries()) {
      this.#hot[at] = hotPages * hotShare * factor;
      this.#cold[at] = coldPages * coldShare * factor;
      this.#rest[at] = content === 'all' ? (pages - hotPages - coldPages) * factor : 0;
    }
    this.#passOver(size.donePages ?? 0);
  }

  get ended(): boolean {
    return this.#slice >= this.#hot.length || this.sentPages >= this.#mostSentPages - 1e-6;
  }

  get sentBytes(): number {
    return this.sentPages * wireBytes;
  }

  get unsentPages(): number {
    let pages = 0;
    for (let at = this.#slice; at < this.#hot.length; at++) {
      pages += this.#pagesIn(at) * (at === this.#slice ? 1 - this.#done : 1);
    }
    return pages;
  }

  /** Sends until then, or as long as there is something to send. */
  advance(now: number, until: number, bytesPerSecond: number): void {
    this.#walk(now, until, bytesPerSecond, true);
  }

  /** When it will have ended at this rate. */
  endsAt(now: number, bytesPerSecond: number): number {
    return this.ended ? now : this.#walk(now, Number.POSITIVE_INFINITY, bytesPerSecond, false);
  }

  #walk(from: number, until: number, bytesPerSecond: number, keep: boolean): number {
    const memory = this.#memory;
    let now = from;
    let slice = this.#slice;
    let done = this.#done;
    let { sentPages, skippedPages } = this;
    while (slice < this.#hot.length && now < until && sentPages < this.#mostSentPages - 1e-6) {
      const left = 1 - done;
      const pages = this.#pagesIn(slice);
      const need = pages - this.#skippedIn(slice, now);
      if (need * left > 1e-6) {
        const wanted = (left * need * wireBytes) / bytesPerSecond;
        // What is to be sent of a slice becomes less while it lasts: a step must not see too much of that.
        const fall = this.#skips
          ? memory.fall(this.#hot[slice]!, this.#cold[slice]!, now - memory.cleanedAt) / need
          : 0;
        const step = Math.min(wanted, fall > 0 ? longestStep / fall : wanted, until - now);
        const middle = fall > 0 ? pages - this.#skippedIn(slice, now + step / 2) : need;
        const most = this.#mostSentPages - sentPages;
        const part = Math.min(left, (step * bytesPerSecond) / (middle * wireBytes), most / middle);
        const sent = middle * part;
        sentPages += sent;
        skippedPages += (pages - middle) * part;
        const seconds = (sent * wireBytes) / bytesPerSecond;
        // Rounding must not leave a moment that is too short to ever go by.
        now = seconds < until - now ? now + seconds : until;
        done += part;
        if (done < 1 - 1e-9) continue;
      } else {
        skippedPages += pages * left;
      }
      slice++;
      done = 0;
    }
    if (keep) {
      this.#slice = slice;
      this.#done = done;
      this.sentPages = sentPages;
      this.skippedPages = skippedPages;
    }
    return now;
  }

  #pagesIn(slice: number): number {
    return this.#hot[slice]! + this.#cold[slice]! + this.#rest[slice]!;
  }

  #skippedIn(slice: number, now: number): number {
    if (!this.#skips) return 0;
    const seconds = now - this.#memory.cleanedAt;
    return this.#hot[slice]! * this.#memory.hotShare(seconds) + this.#cold[slice]! * this.#memory.coldShare(seconds);
  }

  /** So many pages are dealt with already. */
  #passOver(pages: number): void {
    for (let left = pages; left > 0 && this.#slice < this.#hot.length; this.#slice++) {
      const here = this.#pagesIn(this.#slice);
      if (left < here) {
        this.#done = left / here;
        return;
      }
      left -= here;
    }
  }
}
