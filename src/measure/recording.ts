import type { DirtyLog, Domain } from '../domains/domain.ts';
import type { Clock } from './clock.ts';
import type { GrowthPoint } from './curve.ts';

/** From one clean of the dirty log to the next. */
export interface RecordedWindow {
  readonly seconds: number;
  /** What was dirty so long after the window's begin; the last of them is the clean at its end. */
  readonly points: readonly GrowthPoint[];
}

/** Different pages written in the windows from `from` up to, and without, `to`. */
export interface RecordedStretch {
  readonly from: number;
  readonly to: number;
  readonly dirtyPages: number;
}

/** How a domain dirtied its memory for a while. */
export interface Recording {
  readonly windows: readonly RecordedWindow[];
  /** Of 2, 4, 8… windows each, so that growth is known over short and over long times alike. */
  readonly stretches: readonly RecordedStretch[];
}

export interface RecordOptions {
  readonly durationMs: number;
  readonly tracker?: string | undefined;
  /** Ends the recording early: what was recorded so far is returned. */
  readonly signal?: AbortSignal | undefined;
}

/** Short enough to see a phase begin; a guest's hot pages are then written anew in every window. */
const windowMs = 250;
/** Reading the log must not take more than this share of a window. */
const maxProbeShare = 0.02;
/** Where within a window the log is peeked at: growth over these times decides how long short rounds take. */
const peekShares = [1 / 8, 1 / 4, 1 / 2] as const;

/**
 * Records a domain by cleaning its dirty log window after window, and keeping which pages each window has written: their
 * unions are the growth curve over every time from a few milliseconds to the whole recording, and the windows are its
 * phases. At least one window, however soon it is to end.
 */
export async function recordDirtying(domain: Domain, options: RecordOptions, clock: Clock): Promise<Recording> {
  const { durationMs, tracker, signal } = options;
  const windows: RecordedWindow[] = [];
  const unions = new Unions();
  const log = await domain.openDirtyLog(tracker);
  try {
    await log.clean();
    const { probeMs } = await log.clean();
    const seconds = Math.max(windowMs, probeMs / maxProbeShare) / 1000;
    const begin = clock.now();
    do {
      const window = await recordWindow({ log, clock, signal, seconds, unions });
      if (!window) break;
      windows.push(window);
    } while ((clock.now() - begin + seconds / 2) * 1000 < durationMs);
    return { windows, stretches: unions.stretches };
  } finally {
    await log[Symbol.asyncDispose]();
  }
}

interface WindowTerms {
  readonly log: DirtyLog;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly seconds: number;
  readonly unions: Unions;
}

/** Null if it was told to end meanwhile: half a window is none. */
async function recordWindow({ log, clock, signal, seconds, unions }: WindowTerms): Promise<RecordedWindow | null> {
  const begin = clock.now();
  const points: GrowthPoint[] = [];
  try {
    for (const share of peekShares) {
      await clock.pause((begin + share * seconds - clock.now()) * 1000, signal);
      const { pages } = await log.peek();
      points.push({ seconds: clock.now() - begin, dirtyPages: pages });
    }
    await clock.pause((begin + seconds - clock.now()) * 1000, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
    return null;
  }
  const { pages, bitmap } = await log.cleanBitmap();
  const length = clock.now() - begin;
  unions.add(bitmap);
  return { seconds: length, points: [...points, { seconds: length, dirtyPages: pages }] };
}

/** Counts the pages of ever longer aligned stretches of windows, as a binary counter carries: each bitmap is joined twice. */
class Unions {
  readonly stretches: RecordedStretch[] = [];
  readonly #carried: (Uint32Array | undefined)[] = [];
  #windows = 0;

  add(bitmap: Uint8Array): void {
    const bytes = new Uint8Array(Math.ceil(bitmap.length / 4) * 4);
    bytes.set(bitmap);
    let joined = new Uint32Array(bytes.buffer);
    this.#windows++;
    let place = 0;
    for (; this.#carried[place]; place++) {
      joined = join(this.#carried[place]!, joined);
      this.#carried[place] = undefined;
      this.stretches.push({
        from: this.#windows - 2 ** (place + 1),
        to: this.#windows,
        dirtyPages: joined.reduce((sum, word) => sum + ones(word), 0),
      });
    }
    this.#carried[place] = joined;
  }
}

function join(one: Uint32Array, other: Uint32Array): Uint32Array<ArrayBuffer> {
  const joined = new Uint32Array(Math.max(one.length, other.length));
  for (let at = 0; at < joined.length; at++) joined[at] = (one[at] ?? 0) | (other[at] ?? 0);
  return joined;
}

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
