import type { Sink } from './sink.ts';
import { paintedWidth } from './text.ts';

/**
 * `result`: what the command was asked for; kept longest. `note`: what is said about it; the newest are kept.
 * `progress`: the first to be lost.
 */
export type Importance = 'result' | 'note' | 'progress';

/** So many characters of each may wait for a reader who is slow or gone. */
const maxWaiting: Readonly<Record<Importance, number>> = { result: 2 ** 25, note: 2 ** 18, progress: 2 ** 16 };
const maxChunk = 2 ** 16;
const minRetryMs = 1;
const maxRetryMs = 50;

/** After these nobody reads any more, and nobody will. */
const gone = new Set(['EPIPE', 'EIO', 'EBADF', 'ENXIO', 'ECONNRESET']);

export interface PrinterOptions {
  /** Whether lines that say how much was lost may stand between others, as no program reads them. */
  readonly tellsLoss?: boolean;
  /** Asked for again and again: a terminal's size changes. Absent where the destination is no terminal. */
  readonly size?: () => Size;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Waiting {
  readonly text: string;
  readonly importance: Importance;
}

/**
 * Prints on one destination without ever waiting for it: what it does not take waits in a queue, which is bounded and
 * loses the least important first. On a terminal some lines may be redrawn in place under all others; of these only the
 * newest are kept. Nothing here throws.
 */
export class Printer {
  readonly isTerminal: boolean;
  readonly #sink: Sink;
  readonly #tellsLoss: boolean;
  readonly #size: () => Size;
  readonly #broken = new AbortController();
  readonly #queue: Waiting[] = [];
  readonly #waiting: Record<Importance, number> = { result: 0, note: 0, progress: 0 };
  readonly #lost: Record<Importance, number> = { result: 0, note: 0, progress: 0 };
  /** Lost since the last time it was told. */
  #untold = 0;
  #failure: NodeJS.ErrnoException | null = null;
  /** Bytes on their way, and for which lines. */
  #chunk: { bytes: Uint8Array; readonly lines: readonly Waiting[] } | null = null;
  /** A write was not finished, so the next line must begin a new one. */
  #torn = false;
  #busy = false;
  #retryMs = minRetryMs;
  #taken = 0;
  #region: readonly string[] = [];
  #regionChanged = false;
  /** The region as it stands on the terminal. */
  #drawn: readonly string[] = [];
  #drained: (() => void)[] = [];

  constructor(sink: Sink, { tellsLoss = true, size }: PrinterOptions = {}) {
    this.#sink = sink;
    this.#tellsLoss = tellsLoss;
    this.#size = size ?? (() => ({ columns: Infinity, rows: Infinity }));
    this.isTerminal = size !== undefined;
  }

  /** Infinite in both directions where it is no terminal. */
  get size(): Size {
    return this.#size();
  }

  /** Aborted once nobody reads any more. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Lines that were not printed, for whatever reason. */
  get lost(): Readonly<Record<Importance, number>> {
    return this.#lost;
  }

  /** Why the last line that the destination refused was refused. */
  get failure(): NodeJS.ErrnoException | null {
    return this.#failure;
  }

  /** Queues a line. It leaves at once where the destination takes it. */
  print(text: string, importance: Importance): void {
    const line = { text: `${text}\n`, importance };
    if (this.#broken.signal.aborted) this.#lose(line);
    else {
      this.#queue.push(line);
      this.#waiting[importance] += line.text.length;
      this.#keepWithinBounds(importance);
    }
    this.#pump();
  }

  /** Redraws the lines that stand under all others; none takes them away. They must fit the terminal. */
  draw(lines: readonly string[]): void {
    if (this.#broken.signal.aborted || (lines.length === 0 && this.#region.length === 0)) return;
    this.#region = lines;
    this.#regionChanged = true;
    this.#pump();
  }

  /**
   * Resolves when all has been printed or lost, or when for `stallMs` nothing was taken: then the rest is lost.
   */
  async finish(stallMs: number): Promise<void> {
    this.draw([]);
    let taken = this.#taken;
    const deadline = Number.isFinite(stallMs) ? stallMs : 2 ** 30;
    while (this.#chunk !== null || this.#queue.length > 0 || this.#regionChanged) {
      let timer: NodeJS.Timeout | undefined;
      const timedOut = new Promise<true>((resolve) => {
        timer = setTimeout(() => resolve(true), deadline);
      });
      const drained = new Promise<false>((resolve) => this.#drained.push(() => resolve(false)));
      const stalled = await Promise.race([timedOut, drained]);
      clearTimeout(timer);
      if (stalled && this.#taken === taken && Number.isFinite(stallMs)) {
        this.#break();
        return;
      }
      taken = this.#taken;
    }
  }

  #keepWithinBounds(importance: Importance): void {
    while (this.#waiting[importance] > maxWaiting[importance]) {
      const own = (line: Waiting) => line.importance === importance;
      // A result that misses its beginning is worth less than one that misses its end; of notes the last say most.
      const at = importance === 'result' ? this.#queue.findLastIndex(own) : this.#queue.findIndex(own);
      const [line] = this.#queue.splice(at, 1);
      this.#waiting[importance] -= line!.text.length;
      this.#lose(line!);
    }
  }

  #lose({ importance }: Waiting): void {
    this.#lost[importance]++;
    this.#untold++;
  }

  /** Hands on what there is, as far as it is taken. */
  #pump(): void {
    while (!this.#busy) {
      this.#chunk ??= this.#compose();
      if (this.#chunk === null) {
        for (const resolve of this.#drained.splice(0)) resolve();
        return;
      }
      this.#handOver(this.#chunk.bytes);
    }
  }

  #handOver(bytes: Uint8Array): void {
    let taken: number | Promise<number>;
    try {
      taken = this.#sink.write(bytes);
    } catch (error) {
      this.#refused(error as NodeJS.ErrnoException);
      return;
    }
    if (typeof taken === 'number') {
      this.#took(taken);
      return;
    }
    this.#busy = true;
    taken
      .then(
        (count) => this.#took(count),
        (error) => this.#refused(error),
      )
      .finally(() => {
        this.#busy = false;
        this.#pump();
      });
  }

  #took(count: number): void {
    if (this.#chunk === null) return; // given up meanwhile
    this.#taken += count;
    const rest = this.#chunk.bytes.subarray(count);
    this.#chunk = rest.length > 0 ? { bytes: rest, lines: this.#chunk.lines } : null;
    if (count > 0) {
      this.#retryMs = minRetryMs;
      this.#torn = rest.length > 0;
    } else if (rest.length > 0) {
      this.#busy = true;
      setTimeout(() => {
        this.#busy = false;
        this.#pump();
      }, this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, maxRetryMs);
    }
  }

  /** A full disk may have room again: only what was on its way is lost. */
  #refused(error: NodeJS.ErrnoException): void {
    this.#failure = error;
    for (const line of this.#chunk?.lines ?? []) this.#lose(line);
    this.#chunk = null;
    if (gone.has(error.code ?? '')) this.#break();
  }

  #break(): void {
    for (const line of [...(this.#chunk?.lines ?? []), ...this.#queue.splice(0)]) this.#lose(line);
    Object.assign(this.#waiting, { result: 0, note: 0, progress: 0 });
    this.#chunk = null;
    this.#region = [];
    this.#drawn = [];
    this.#regionChanged = false;
    this.#broken.abort(this.#failure ?? new Error('nobody read what was printed'));
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** The next bytes to hand over, null if there are none. What stands on the terminal is known: each chunk goes out whole. */
  #compose(): { bytes: Uint8Array; readonly lines: readonly Waiting[] } | null {
    if (this.#broken.signal.aborted || (this.#queue.length === 0 && !this.#regionChanged)) return null;
    const drawnRows = this.#drawnRows();
    let text = this.#torn ? '\n' : '';
    this.#torn = false;
    const lines = this.#take();
    if (drawnRows > 0) text += up(drawnRows) + (lines.length > 0 ? erase(drawnRows) : '');
    text += `${lines.length > 0 ? this.#lossText() : ''}${lines.map((one) => one.text).join('')}`;
    const isLast = this.#queue.length === 0;
    const region = isLast ? this.#region : [];
    text += region.map((line) => `\x1b[K${line}\n`).join('');
    if (lines.length === 0 && drawnRows > region.length) text += erase(drawnRows - region.length);
    this.#drawn = region;
    this.#regionChanged = !isLast && this.#region.length > 0;
    return { bytes: Buffer.from(text), lines };
  }

  #take(): Waiting[] {
    let length = 0;
    const end = this.#queue.findIndex(({ text }) => {
      length += text.length;
      return length > maxChunk;
    });
    const lines = this.#queue.splice(0, end === -1 ? this.#queue.length : Math.max(end, 1));
    for (const { text, importance } of lines) this.#waiting[importance] -= text.length;
    return lines;
  }

  #lossText(): string {
    const count = this.#untold;
    if (count === 0 || !this.#tellsLoss) return '';
    this.#untold = 0;
    return `… ${count} ${count === 1 ? 'line' : 'lines'} not printed …\n`;
  }

  /** A terminal that has become narrower shows a line in several rows. */
  #drawnRows(): number {
    const { columns } = this.size;
    return this.#drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(paintedWidth(line) / columns)), 0);
  }
}

function up(rows: number): string {
  return `\x1b[${rows}F`;
}

/** Row by row, and back: tmux keeps in its history what is erased as a whole screen. */
function erase(rows: number): string {
  return '\x1b[K\n'.repeat(rows) + up(rows);
}
