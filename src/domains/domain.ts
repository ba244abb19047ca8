import type { Where } from '../errors.ts';

/** What a process domain's guest does to its memory. Bytes are rounded up to whole pages of 4096. */
export interface Workload {
  /** `steady`, `on-off` and `waves` follow the paper's S&L, D&H and L&SW (§5.1). */
  readonly kind: 'idle' | 'steady' | 'on-off' | 'waves';
  readonly seed: number;
  /** Memory the guest needs; the rest is free and can be ballooned away. */
  readonly usedBytes: number;
  /** The writable working set, hot part included. */
  readonly wwsBytes: number;
  readonly hotBytes: number;
  /** Whole-page writes per second over the hot part, at the high level. */
  readonly hotWritesPerSecond: number;
  /** The same over the rest of the working set. */
  readonly coldWritesPerSecond: number;
  /** `on-off` and `waves`: the low rate as a share of the high one, 0 to 1. */
  readonly lowLevel: number;
  readonly periodMs: number;
  /** Where in the period the guest starts, 0 to 1. */
  readonly phase: number;
}

export interface DomainInfo {
  /** For example `process:web`. */
  readonly reference: string;
  readonly name: string;
  readonly kind: 'process';
  /** The same on both sides of a migration. */
  readonly uuid: string;
  readonly pid: number;
  readonly memoryBytes: number;
  /** Memory less what was given back. */
  readonly presentBytes: number;
  readonly state: 'running' | 'paused' | 'incoming';
  /** Lives until it is destroyed, not until the process that started or received it ends. */
  readonly independent: boolean;
  readonly workload: Workload;
  /** Page writes since the guest was first started, on any side. */
  readonly writes: number;
  /** The longest the guest has been kept from working, on this side, as it saw it. */
  readonly longestStallMs: number;
  /** Pages the guest itself found lost or stale. Anything but 0 is a disaster. */
  readonly corruptPages: number;
}

/** The guest's verdict on its own memory. */
export interface Verification {
  readonly intact: boolean;
  readonly checkedPages: number;
  readonly writes: number;
  readonly badPages: number;
  readonly firstBadPage: number;
  readonly message: string;
}

export interface DirtyCount {
  readonly pages: number;
  /** Time the call took. */
  readonly probeMs: number;
  /** Longest time the guest was kept from working since the last call, by this one or anything else, as it saw it. */
  readonly guestStallMs: number;
}

/** A dirty log that is on. One owner at a time; disposing of it switches it off. */
export interface DirtyLog extends AsyncDisposable {
  /** Dirty pages so far; changes nothing. */
  peek(): Promise<DirtyCount>;
  /** Dirty pages since the last clean; clears the log. */
  clean(): Promise<DirtyCount>;
  /** The same with one bit per page: bit n of the little-endian array is page n. */
  cleanBitmap(): Promise<DirtyCount & { readonly bitmap: Uint8Array }>;
}

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
  | { readonly type: 'state'; readonly state: MigrationState; readonly stopReason: StopReason | null };

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
  readonly downtimeSeconds: number;
  readonly rounds: readonly Round[];
}

export interface EngineOptions {
  readonly host: string;
  readonly port: number;
  readonly stopRule: StopRuleName;
  /** The budget of the rule `downtime`. */
  readonly maxDowntimeMs: number | null;
  readonly bytesPerSecond: number;
  readonly tracker: string;
}

/**
 * One migration under way: it holds at the pseudo-synchropoint for `stopAndCopy()` and when prepared for `commit()`.
 * Every call but `run` returns at once and may come in any state, any number of times.
 */
export interface MigrationEngine {
  /** Once. Settles after the last event. Rejects with a VmbuddiesError that says where the guest is. */
  run(onEvent: (event: EngineEvent) => void): Promise<EngineOutcome>;
  setRate(bytesPerSecond: number): void;
  /** While waiting: sends what is dirty now, in one wait-and-copy round. */
  catchUp(): void;
  stopAndCopy(): void;
  commit(): void;
  abort(): void;
}

/** A running domain, of whichever kind its reference names. */
export interface Domain extends AsyncDisposable {
  readonly reference: string;
  readonly name: string;
  info(): DomainInfo;
  /** Resolves once no instruction of the guest can run. @throws {VmbuddiesError} ERR_VMBUDDIES_SUSPEND on time-out */
  suspend(timeoutMs?: number): Promise<void>;
  resume(): Promise<void>;
  /** Ends the guest; its memory is gone. Any number of times. */
  destroy(): Promise<void>;
  /** Gives free memory back, or takes it again, and resolves with the bytes present once that has settled. */
  balloon(targetBytes: number): Promise<number>;
  /** Lets the guest check all the memory it uses while it goes on working. */
  verify(): Promise<Verification>;
  /** Switches the dirty log on. @throws {VmbuddiesError} ERR_VMBUDDIES_DIRTY_LOG_BUSY while somebody else has it */
  openDirtyLog(tracker?: string): Promise<DirtyLog>;
  /** For the arbitrator: a migration that has not begun. */
  openEngine(options: EngineOptions): MigrationEngine;
  /** For the arbitrator: frees the domain's name for its copy (`NAME--migratedaway`, as xl does), and takes it back. */
  stepAside(): Promise<void>;
  stepBack(): Promise<void>;
  /** Lets go of the domain, which lives on. */
  close(): Promise<void>;
}
