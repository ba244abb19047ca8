import type { Cli } from './cli.ts';
import { type EndingSignal, type ExitCode, exitCodeOfSignal } from './exit-codes.ts';

/** What a command's work is given to watch for the user's wish to stop. */
export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Which of them it was; null while nobody has interrupted. */
  readonly by: EndingSignal | null;
  /**
   * Says, in place of the work, what is true when the second signal ends the process at once, and with which code.
   * Until it is set that code is the signal's own.
   */
  lastWords: ((signal: EndingSignal) => ExitCode) | null;
}

/**
 * Runs `work`. The first signal prints `announcement`, asks the work to end gracefully and sets the exit code, which the
 * work may change when it knows better. The second ends the process at once. After the work one is enough: what is left
 * is output, and the exit code stays.
 */
export async function interruptible<T>(
  cli: Cli,
  announcement: string,
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let by: EndingSignal | null = null;
  let over = false;
  const interruption: Interruption = {
    signal: controller.signal,
    get by() {
      return by;
    },
    lastWords: null,
  };
  const end = (received: EndingSignal) => {
    over = true;
    cli.exitCode = interruption.lastWords?.(received) ?? exitCodeOfSignal(received);
    cli.host.exit(cli.exitCode);
  };
  cli.host.onSignal((received) => {
    if (over) {
      cli.host.exit(cli.exitCode);
    } else if (by !== null) {
      end(received);
    } else {
      by = received;
      cli.exitCode = exitCodeOfSignal(received);
      cli.note(announcement);
      controller.abort(new Error(`interrupted by ${received}`));
    }
  });
  try {
    return await work(interruption);
  } finally {
    over = true;
  }
}
