import type { Host } from '../../../src/cli/cli.ts';
import type { EndingSignal } from '../../../src/cli/exit-codes.ts';
import { Printer, type Size } from '../../../src/cli/printer.ts';

/** A printer that remembers what was written. */
export class FakeStream extends Printer {
  readonly #written: { text: string };

  constructor(size?: Size) {
    const written = { text: '' };
    super(
      {
        write(bytes) {
          written.text += Buffer.from(bytes).toString();
          return bytes.length;
        },
      },
      size && { size: () => size },
    );
    this.#written = written;
  }

  get text(): string {
    return this.#written.text;
  }

  set text(text: string) {
    this.#written.text = text;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** `terminal`: both streams are one; `piped`: stdout is not. */
export class FakeHost implements Host {
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly env: Record<string, string | undefined> = {};
  readonly exits: number[] = [];
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(signal: EndingSignal) => void>();

  constructor({ terminal = false, piped = false, columns = 200, rows = 50 } = {}) {
    const size = terminal ? { columns, rows } : undefined;
    this.stdout = new FakeStream(piped ? undefined : size);
    this.stderr = new FakeStream(size);
  }

  get stdoutClosed(): AbortSignal {
    return this.#closed.signal;
  }

  closeStdout(): void {
    this.#closed.abort();
  }

  onSignal(listener: (signal: EndingSignal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  raise(signal: EndingSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}
