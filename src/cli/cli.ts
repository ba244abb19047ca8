import { resolve } from 'node:path';
import type { Table } from '../report/table.ts';
import { quoteWord } from '../transfer/words.ts';
import type { ExitCode } from './exit-codes.ts';
import { type EndingSignal, exitCodes } from './exit-codes.ts';
import type { Printer, Size } from './printer.ts';
import { renderTable } from './render/table.ts';
import { type Line, type Piece, painted, wrapped } from './text.ts';

/** What the program needs of the process it runs in. */
export interface Host {
  readonly stdout: Printer;
  /** The same printer as `stdout` where both lead to the same place, so that lines keep their order. */
  readonly stderr: Printer;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when nobody reads stdout any more. */
  readonly stdoutClosed: AbortSignal;
  /** Calls `listener` for each signal that ends a program, instead of ending, until the returned function is called. */
  onSignal(listener: (signal: EndingSignal) => void): () => void;
  /** Ends the process at once; what was printed leaves if it can. */
  exit(code: ExitCode): void;
}

/**
 * One run of the program: results go to stdout, everything said about them to stderr. Whatever is printed is escaped
 * here and waits for no reader.
 */
export class Cli {
  readonly host: Host;
  exitCode: ExitCode = exitCodes.done;
  /** False after `--no-color`. */
  color = true;
  /** The folder given with `--registry`, which stands for the host. */
  registry: string | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** The option object for library calls that take a registry. */
  get where(): { registry?: string } {
    return this.registry === undefined ? {} : { registry: this.registry };
  }

  /** How a hint must end for it to mean the same host, in every directory. */
  get registryFlag(): string {
    return this.registry === undefined ? '' : ` --registry ${quoteWord(resolve(this.registry))}`;
  }

  result(...lines: readonly Line[]): void {
    for (const line of lines) this.host.stdout.print(this.#painted(line, this.host.stdout), 'result');
  }

  json(value: unknown): void {
    this.result(JSON.stringify(value));
  }

  /** As a result, in the columns that the terminal has. */
  table(table: Table<Piece>): void {
    this.result(...renderTable(table, this.host.stdout.size.columns));
  }

  note(...lines: readonly Line[]): void {
    for (const line of lines) this.host.stderr.print(this.#painted(line, this.host.stderr), 'note');
  }

  /** A sentence without commands, which a terminal would break within a word; and a command broken here could not be copied. */
  noteProse(text: string): void {
    this.note(...proseLines(text, this.host.stderr));
  }

  resultProse(text: string): void {
    this.result(...proseLines(text, this.host.stdout));
  }

  /** As a note, in the columns that the terminal has. */
  noteTable(table: Table<Piece>): void {
    this.note(...renderTable(table, this.host.stderr.size.columns));
  }

  /** A line of which the next one says more: the first to be lost where nobody reads fast enough. */
  progress(line: Line): void {
    this.host.stderr.print(this.#painted(line, this.host.stderr), 'progress');
  }

  /** Where lines can be redrawn in place under the notes; null where nobody looks. */
  get region(): Region | null {
    const { stderr, env } = this.host;
    if (!stderr.isTerminal || env.TERM === 'dumb') return null;
    return {
      get size() {
        return stderr.size;
      },
      draw: (lines) => stderr.draw(lines.map((line) => this.#painted(line, stderr))),
    };
  }

  /** Colours only on a terminal, and not where `--no-color`, NO_COLOR (non-empty) or TERM=dumb forbid them. */
  #painted(line: Line, { isTerminal }: Printer): string {
    const { env } = this.host;
    return painted(line, this.color && isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb');
  }
}

function proseLines(text: string, { size: { columns } }: Printer): string[] {
  const indent = '  ';
  return wrapped(text, columns - indent.length).map((line, at) => (at === 0 ? line : indent + line));
}

/** The last lines of a terminal. */
export interface Region {
  /** Of the terminal. The lines must be narrower, and fewer than its rows. */
  readonly size: Size;
  /** Draws them over those drawn before; none takes them away. */
  draw(lines: readonly Line[]): void;
}
