import type { Cli } from './cli.ts';
import { type EndingSignal, exitCodeOfSignal } from './exit-codes.ts';

/** What a command's work is given to watch for the user's wish to stop. */
export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Which of them it was; null while nobody has interrupted. */
  readonly by: EndingSignal | null;
}

/**
 * Runs `work`. The first SIGINT or SIGTERM prints `announcement`, asks the work to end gracefully and sets the exit
 * code, which the work may change when it knows better. The second ends the process at once.
 */
export async function interruptible<T>(
  cli: Cli,
  announcement: string,
  work: (interruption: Interruption) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let by: EndingSignal | null = null;
  const release = cli.host.onSignal((received) => {
    if (by !== null) {
      cli.host.exit(exitCodeOfSignal(received));
      return;
    }
    by = received;
    cli.exitCode = exitCodeOfSignal(received);
    cli.note(announcement);
    controller.abort(new Error(`interrupted by ${received}`));
  });
  try {
    return await work({
      signal: controller.signal,
      get by() {
        return by;
      },
    });
  } finally {
    release();
  }
}
