import type { ExitCode } from './exit-codes.ts';
import { type EndingSignal, exitCodes } from './exit-codes.ts';
import { LiveRegion } from './render/live-region.ts';
import { type Style, styleFor } from './render/style.ts';

/** A stream to write to; `process.stdout` and `process.stderr` in the real program. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the program needs of the process it runs in. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when nobody reads stdout any more. */
  readonly stdoutClosed: AbortSignal;
  /** Calls `listener` for each SIGINT and SIGTERM instead of ending, until the returned function is called. */
  onSignal(listener: (signal: EndingSignal) => void): () => void;
  /** Ends the process at once. */
  exit(code: ExitCode): void;
}

/** One run of the program: results go to stdout, everything said about them to stderr. */
export class Cli {
  readonly host: Host;
  exitCode: ExitCode = exitCodes.done;
  /** False after `--no-color`. */
  color = true;
  /** The folder given with `--registry`, which stands for the host. */
  registry: string | undefined;
  #region: LiveRegion | null = null;

  constructor(host: Host) {
    this.host = host;
  }

  /** The option object for library calls that take a registry. */
  get where(): { registry?: string } {
    return this.registry === undefined ? {} : { registry: this.registry };
  }

  /** How a hint must end for it to mean the same host. */
  get registryFlag(): string {
    return this.registry === undefined ? '' : ` --registry ${this.registry}`;
  }

  result(text: string): void {
    this.host.stdout.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.result(JSON.stringify(value));
  }

  note(text: string): void {
    this.#region?.clear();
    this.host.stderr.write(`${text}\n`);
  }

  /** Lines of stderr that are redrawn under the notes until `closeRegion()`; null where nobody looks. */
  openRegion(): LiveRegion | null {
    const live = this.host.stderr.isTTY === true && this.host.env.TERM !== 'dumb';
    this.#region = live ? new LiveRegion(this.host.stderr) : null;
    return this.#region;
  }

  closeRegion(): void {
    this.#region?.clear();
    this.#region = null;
  }

  style(stream: 'stdout' | 'stderr'): Style {
    return styleFor(this.host[stream], this.host.env, this.color);
  }
}
