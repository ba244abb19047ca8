import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { Output } from '../cli.ts';
import { visibleLength } from './table.ts';

/** The last lines of a terminal, drawn again and again in place. Clear it before anything else is written there. */
export class LiveRegion {
  readonly #stream: NodeJS.WritableStream & Output;
  #lines = 0;

  constructor(stream: Output) {
    this.#stream = stream as NodeJS.WritableStream & Output;
  }

  draw(lines: readonly string[]): void {
    this.clear();
    // A line that wraps would take two rows, and the next clear() would miss one.
    const room = (this.#stream.columns ?? 80) - 1;
    for (const line of lines) this.#stream.write(`${visibleLength(line) > room ? line.slice(0, room) : line}\n`);
    this.#lines = lines.length;
  }

  clear(): void {
    if (this.#lines === 0) return;
    cursorTo(this.#stream, 0);
    moveCursor(this.#stream, 0, -this.#lines);
    clearScreenDown(this.#stream);
    this.#lines = 0;
  }
}
