import type { Host } from '../../../src/cli/cli.ts';
import type { EndingSignal } from '../../../src/cli/exit-codes.ts';

/** A stream that remembers what was written to it. */
export class FakeStream {
  text = '';
  isTTY: boolean;
  columns: number;

  constructor(isTTY = false, columns = 100) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export class FakeHost implements Host {
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  readonly env: Record<string, string | undefined> = {};
  readonly exits: number[] = [];
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(signal: EndingSignal) => void>();

  constructor({ terminal = false } = {}) {
    this.stdout = new FakeStream(terminal);
    this.stderr = new FakeStream(terminal);
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
