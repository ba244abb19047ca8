/** The part of contract.ts that is about a migration under way. */
import type { Where } from '../errors.ts';

/** What every migration is told. */
export interface NativeMigrationControl {
  /** Name of a rule in native/core/stop_rule.h. */
  stopRule: string;
  /** The budget of the rule `downtime`; 0 for the others. */
  downtimeSeconds: number;
  /** Infinity: no limit. */
  bytesPerSecond: number;
  /** Connected, wait for `begin()`. */
  holdAtStart: boolean;
  holdAtSynchropoint: boolean;
  holdWhenPrepared: boolean;
  suspendTimeoutSeconds: number;
  /** From the request to suspend until the pledge; past it the guest runs on at its source. 0: no limit. */
  maxPauseSeconds: number;
  /** Until the other side has answered for the first time. */
  connectTimeoutSeconds: number;
  stallTimeoutSeconds: number;
}

export interface NativeMigrationOptions extends NativeMigrationControl {
  registry: string;
  domain: string;
  host: string;
  port: number;
  secret: Uint8Array | null;
  tracker: string;
}

export interface NativeXenMigrationOptions extends NativeMigrationControl {
  domid: number;
  /** What its memory is held at (`holdMemory`): the migration fails if that changes. 0: it is not held. */
  targetBytes: number;
  /** `vmbuddies`: our own loop; `libxenguest`: xc_domain_save in a child process. */
  engine: 'vmbuddies' | 'libxenguest';
  saveProgram: string;
  /** Program and arguments whose standard input and output are those of `xl migrate-receive`. */
  transport: string[];
  /** xl's header with the domain's configuration: what is sent right after the banner. */
  header: Uint8Array;
  /** Send all memory a second time for the receiver to compare (record VERIFY). */
  verify: boolean;
}

export type NativeState = 'idle' | 'precopy' | 'waiting' | 'stopping' | 'prepared' | 'committed' | 'aborted';

export interface NativeStopReason {
  rule: string;
  limit: string;
  message: string;
}

export interface NativeRound {
  round: number;
  kind: 'precopy' | 'wait-and-copy' | 'stop-and-copy';
  sentPages: number;
  zeroPages: number;
  skippedPages: number;
  deferredPages: number;
  unsentPages: number;
  dirtiedPages: number;
  sentBytes: number;
  seconds: number;
  logSeconds: number;
}

export interface NativeProgress {
  state: NativeState;
  round: number;
  roundPages: number;
  roundDonePages: number;
  dirtyPages: number;
  sentBytes: number;
  seconds: number;
}

export type NativeMigrationEvent =
  | { type: 'progress'; progress: NativeProgress }
  | { type: 'round'; round: NativeRound }
  | { type: 'state'; state: NativeState; stopReason: NativeStopReason | null }
  /** The last event of a migration that fails after it has begun. */
  | { type: 'failed'; outcome: NativeOutcome };

export interface NativeOutcome {
  state: 'committed' | 'aborted';
  where: Where;
  stopReason: NativeStopReason | null;
  presentPages: number;
  sentPages: number;
  sentBytes: number;
  totalSeconds: number;
  /** CLOCK_MONOTONIC, seconds; 0 for "never". */
  suspendedAt: number;
  startedAt: number;
  downtimeSeconds: number;
  guestGapSeconds: number | null;
  overran: boolean;
  rounds: NativeRound[];
  /** Progress events that were left out because JavaScript had not taken the last one yet. */
  droppedProgress: number;
}

/** One migration on a thread of its own. Every call but `run` returns at once, in any state, any number of times. */
export interface NativeMigration {
  /** Once only. `onEvent` must not throw. Settles after the last event; the dirty log is off by then. */
  run(onEvent: (event: NativeMigrationEvent) => void): Promise<NativeOutcome>;
  setRate(bytesPerSecond: number): void;
  /** Ends the hold at the start. */
  begin(): void;
  /** While waiting: one wait-and-copy round now. */
  catchUp(): void;
  stopAndCopy(): void;
  pledge(): boolean;
  commit(): void;
  abort(): void;
}
