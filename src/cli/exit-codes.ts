import type { GroupOutcome } from '../index.ts';
import { VmbuddiesError } from '../index.ts';

/** What the process exits with. Scripts depend on these: codes may be added, none may change. */
export const exitCodes = {
  /** Done; where a migration was asked for, the guests run at the destination. */
  done: 0,
  /** Failed; the guests run on at the source, untouched. */
  failed: 1,
  /** Bad usage: nothing was tried. */
  usage: 2,
  /** A limit that was asked for cannot be met: nothing was sent. */
  refused: 3,
  /** Some domains of the group moved, some did not; the JSON lists which. */
  partial: 4,
  /** Ended early because a limit would have been broken; the guests are at the source. */
  endedEarly: 5,
  /** Nobody can say from here where a guest runs: `vmbuddies recover` looks. */
  unknown: 6,
  /** This machine lacks what the command needs (sysexits' EX_UNAVAILABLE). */
  unavailable: 69,
  /** Ended by SIGHUP, as when its terminal is closed; the guests are at the source. */
  hungUp: 129,
  /** Ended by SIGINT; the guests are at the source. */
  interrupted: 130,
  /** Ended by SIGTERM; the guests are at the source. */
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The signals that end a command gracefully. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type EndingSignal = (typeof endingSignals)[number];

export function exitCodeOfSignal(signal: EndingSignal): ExitCode {
  const { interrupted, terminated, hungUp } = exitCodes;
  return { SIGINT: interrupted, SIGTERM: terminated, SIGHUP: hungUp }[signal];
}

/** For an error that kept the command from doing its work. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!(error instanceof VmbuddiesError)) return exitCodes.failed;
  switch (error.code) {
    case 'ERR_VMBUDDIES_ARGUMENT':
    case 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND':
    case 'ERR_VMBUDDIES_DOMAIN_EXISTS':
      return exitCodes.usage;
    case 'ERR_VMBUDDIES_REFUSED':
      return exitCodes.refused;
    case 'ERR_VMBUDDIES_UNAVAILABLE':
      return exitCodes.unavailable;
    default:
      return error.where === 'unknown' ? exitCodes.unknown : exitCodes.failed;
  }
}

/** For a migration that ran to some end. `signal` is the one that asked it to end, if any did. */
export function exitCodeOfOutcome(outcome: GroupOutcome, signal: EndingSignal | null): ExitCode {
  if (outcome.outcome === 'committed') return exitCodes.done;
  if (outcome.outcome === 'unknown' || outcome.where === 'unknown') return exitCodes.unknown;
  if (outcome.outcome === 'partial' || outcome.where === 'mixed') return exitCodes.partial;
  if (signal !== null) return exitCodeOfSignal(signal);
  if (outcome.refused) return outcome.trafficBytes === 0 ? exitCodes.refused : exitCodes.endedEarly;
  if (outcome.outcome === 'aborted') return exitCodes.endedEarly;
  if (outcome.error === null) return exitCodes.failed;
  const code = exitCodeOfError(outcome.error);
  // "Nothing was tried" would not be true.
  return code === exitCodes.usage && outcome.trafficBytes > 0 ? exitCodes.failed : code;
}
