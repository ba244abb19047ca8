import type { Where } from '../errors.ts';

/**
 * When pre-copy has done what it can (native/core/stop_rule.h has the numbers): `xen-modern` and `xen-legacy` as Xen
 * does, `converged` when rounds no longer shrink what is left (§4.2), `downtime` when the predicted pause fits a budget.
 */
export type StopRuleName = 'xen-modern' | 'xen-legacy' | 'converged' | 'downtime';

export type MigrationState = 'idle' | 'precopy' | 'waiting' | 'stopping' | 'prepared' | 'committed' | 'aborted';

export interface StopReason {
  /** Name of the stop rule. */
  readonly rule: string;
  /** Which of its limits: `rounds`, `dirty-pages`, `traffic`, `converged`, `gain` or `downtime`. */
  readonly limit: string;
  /** A sentence with the numbers. */
  readonly message: string;
}

/** One finished round. Counts are pages. */
export interface Round {
  readonly round: number;
  readonly kind: 'precopy' | 'wait-and-copy' | 'stop-and-copy';
  readonly sentPages: number;
  /** Sent as entries without data. */
  readonly zeroPages: number;
  /** Left out because they were dirtied again while the round ran. */
  readonly skippedPages: number;
  /** Could not be mapped; they go with a later round. */
  readonly deferredPages: number;
  /** The round was left midway with these to go. */
  readonly unsentPages: number;
  /** Dirty at the round's end. */
  readonly dirtiedPages: number;
  /** On the wire, framing included. */
  readonly sentBytes: number;
  readonly seconds: number;
  /** Spent in the dirty log's calls. */
  readonly logSeconds: number;
}

export interface EngineProgress {
  readonly state: MigrationState;
  readonly round: number;
  readonly roundPages: number;
  readonly roundDonePages: number;
  /** Last known. */
  readonly dirtyPages: number;
  readonly sentBytes: number;
  readonly seconds: number;
}

export type EngineEvent =
  | { readonly type: 'progress'; readonly progress: EngineProgress }
  | { readonly type: 'round'; readonly round: Round }
  | { readonly type: 'state'; readonly state: MigrationState; readonly stopReason: StopReason | null }
  /** The last event of a migration that fails after it has begun: what it had come to. */
  | { readonly type: 'failed'; readonly outcome: EngineOutcome };

export interface EngineOutcome {
  readonly state: 'committed' | 'aborted';
  readonly where: Where;
  readonly stopReason: StopReason | null;
  readonly presentPages: number;
  readonly sentPages: number;
  readonly sentBytes: number;
  readonly totalSeconds: number;
  /** Monotonic clock of this host, seconds; 0 for "never". */
  readonly suspendedAt: number;
  readonly startedAt: number;
  /** From the request to suspend until the guest ran again, wherever; so far, where that is unknown. */
  readonly downtimeSeconds: number;
  /** The same by the guest's own account; null where it keeps none (Xen, idle guests) or never stood still. */
  readonly guestGapSeconds: number | null;
  /** Aborted by itself: the guest had stood still for {@link giveUpAfterMs}. */
  readonly overran: boolean;
  readonly rounds: readonly Round[];
}

/**
 * By how much a pause may exceed its budget. A domain whose guest has stood still for the budget and half of this aborts
 * by itself, whatever the other side and the arbitrator do; the other half is for the guest to run again.
 */
export const downtimeToleranceMs = 100;

/** When a guest that has been asked to suspend and has not pledged runs on at its source. */
export function giveUpAfterMs(maxDowntimeMs: number): number {
  return maxDowntimeMs + downtimeToleranceMs / 2;
}

/** Whose round loop moves a domain: our own, or Xen's (xc_domain_save of libxenguest). */
export type EngineName = 'vmbuddies' | 'libxenguest';

/** `auto`: our own, except for what only libxenguest can move, which is paravirtualised (PV) guests. */
export type EngineChoice = 'auto' | EngineName;

export interface EngineOptions {
  /** A destination that the domain's `checkDestination` has let pass. */
  readonly to: string;
  readonly stopRule: StopRuleName;
  /** The budget of the pause, and of the rule `downtime`; null for none. See {@link giveUpAfterMs}. */
  readonly maxDowntimeMs: number | null;
  /** null: as long as is usual for the kind of domain. */
  readonly suspendTimeoutMs: number | null;
  readonly tracker: string;
  /** What only a process domain's migration heeds: the secret it shares with its receiver. */
  readonly secret: Uint8Array | null;
  readonly xen: XenEngineOptions;
}

/** What only a Xen domain's migration heeds. */
export interface XenEngineOptions {
  /** Command that takes ssh's place, as for `xl migrate -s`; null for ssh itself. */
  readonly ssh: string | null;
  readonly engine: EngineChoice;
  /** Send all memory a second time while the guest is stopped, for the receiver to compare (record VERIFY). */
  readonly verifyStream: boolean;
}

/**
 * One migration under way. It connects at once and then holds for `begin()`, with the guest left alone and nothing of it
 * sent; it holds at the pseudo-synchropoint for `stopAndCopy()` and when prepared for `commit()`.
 * Every call but `run` returns at once and may come in any state, any number of times.
 */
export interface MigrationEngine {
  /** Once. Settles after the last event. Rejects with a VmbuddiesError that says where the guest is. */
  run(onEvent: (event: EngineEvent) => void): Promise<EngineOutcome>;
  /** Pre-copy begins, at this rate. */
  begin(bytesPerSecond: number): void;
  setRate(bytesPerSecond: number): void;
  /** While waiting: sends what is dirty now, in one wait-and-copy round. */
  catchUp(): void;
  stopAndCopy(): void;
  /** When prepared: gives up the right to abort by itself. False: it has ended, or is about to. */
  pledge(): boolean;
  commit(): void;
  abort(): void;
}
