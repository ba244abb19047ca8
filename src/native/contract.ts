/**
 * Every call that crosses into C++, in the order of native/addon/module.cc. Internal: nothing here is exported from
 * the package. Rules of this boundary: plain data objects; `null` for "not given"; every property always present;
 * defaults and checks live in TypeScript; seconds and bytes as numbers; long calls return promises that reject with an
 * Error carrying `code`, `operation`, `errno` (and `where` for migrations).
 */
import type {
  NativeMigration,
  NativeMigrationOptions,
  NativeRound,
  NativeStopReason,
  NativeXenMigrationOptions,
} from './migration-contract.ts';

export interface NativeAddon {
  /** Runs the self-test of each way to keep a dirty log, best first. */
  probeTrackers(): Promise<NativeTracker[]>;
  /** Domains registered in a folder, ended ones left out. */
  listDomains(registry: string): NativeDomainInfo[];
  startDomain(registry: string, options: NativeStartOptions): Promise<NativeDomain>;
  openDomain(registry: string, name: string): NativeDomain;
  /** Digest of a guest's memory after `writes` writes, computed without running it. */
  replayDigest(memoryBytes: number, workload: NativeWorkload, writes: number, presentBytes: number): Promise<bigint>;
  openMigration(options: NativeMigrationOptions): NativeMigration;
  /** Listens at once. `onEvent` is called until `close()` has resolved. */
  openReceiver(options: NativeReceiverOptions, onEvent: (event: NativeReceiverEvent) => void): NativeReceiver;
  /** What became of a domain at a receiver. Blocks a pool thread for `timeoutSeconds` at most. */
  askReceiver(query: NativeReceiverQuery): Promise<NativePlace>;
  /** Lets a domain that this receiver has started have so many bytes present again. */
  restoreMemory(query: NativeReceiverQuery, bytes: number): Promise<NativePlace>;
  /**
   * Judges at the end of a round, from all pre-copy rounds so far, at least one. Null: go on. `downtimeSeconds` above 0
   * sets the budget of the pause.
   */
  evaluateStopRule(stopRule: string, downtimeSeconds: number, rounds: readonly NativeRound[]): NativeStopReason | null;
  /** Pages that may still be sent, given those of round 0 and those sent so far; Infinity without a traffic limit. */
  trafficLeft(stopRule: string, round0Pages: number, sentPages: number): number;
  /**
   * flock(): whether the lock could be had at once. It is let go when the open file description is closed, by the end of
   * the process too. A lock that the same description holds already is converted.
   */
  tryLock(descriptor: number, exclusive: boolean): boolean;
  /** What this machine has of Xen. While it is not `usable`, every other Xen call fails with `reason`. */
  probeXen(): NativeXenProbe;
  /** Guests of this host, domain 0 left out. */
  listXenDomains(): NativeXenDomainInfo[];
  /** By name, or by number. */
  openXenDomain(reference: string): NativeXenDomain;
  openXenMigration(options: NativeXenMigrationOptions): NativeMigration;
}

export interface NativeXenProbe {
  usable: boolean;
  /** '' when usable. */
  reason: string;
  /** Of the hypervisor, for example `4.17.7`; '' without Xen. */
  version: string;
}

export interface NativeXenDomainInfo {
  domid: number;
  name: string;
  uuid: string;
  type: 'pv' | 'pvh' | 'hvm';
  state: 'running' | 'paused' | 'suspended' | 'dying';
  memoryBytes: number;
  presentBytes: number;
  targetBytes: number;
  vcpus: number;
  cpuSeconds: number;
}

export interface NativeCheck {
  subject: string;
  verdict: 'pass' | 'note' | 'fail';
  finding: string;
  fix: string | null;
}

export interface NativeHeldMemory {
  presentBytes: number;
  /** 0 for a guest without a memory target. */
  targetBytes: number;
}

/** One handle. Its calls are carried out one after another. Dropping it, or `close()`, ends its dirty log. */
export interface NativeXenDomain {
  info(): NativeXenDomainInfo;
  preflight(): Promise<NativeCheck[]>;
  suspend(timeoutSeconds: number): Promise<void>;
  resume(): Promise<void>;
  rename(name: string): Promise<void>;
  /** null where no agent in the guest publishes it. */
  guestMemory(): Promise<{ totalBytes: number; freeBytes: number } | null>;
  balloon(targetBytes: number, timeoutSeconds: number): Promise<number>;
  holdMemory(timeoutSeconds: number): Promise<NativeHeldMemory>;
  enableDirtyLog(): Promise<void>;
  /** `stallSeconds` is what the call took: that long at most the guest was paused. */
  peekDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  cleanDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  disableDirtyLog(): Promise<void>;
  /** Rejects with STATE if anybody has it. `purpose` says what for, in others' messages. */
  claim(purpose: string): Promise<void>;
  unclaim(): Promise<void>;
  /** Rejects with STATE, saying what for, if another handle has the claim. */
  requireUnclaimed(operation: string): Promise<void>;
  close(): Promise<void>;
}

export interface NativeTracker {
  name: string;
  usable: boolean;
  reason: string;
}

export type NativeWorkloadKind = 'idle' | 'steady' | 'on-off' | 'waves';

export interface NativeWorkload {
  kind: NativeWorkloadKind;
  seed: number;
  usedPages: number;
  wwsPages: number;
  hotPages: number;
  hotWritesPerSecond: number;
  coldWritesPerSecond: number;
  lowLevel: number;
  periodSeconds: number;
  phase: number;
}

export interface NativeDomainInfo {
  name: string;
  uuid: string;
  pid: number;
  memoryBytes: number;
  presentBytes: number;
  paused: boolean;
  ended: boolean;
  incoming: boolean;
  independent: boolean;
  workload: NativeWorkload;
  writes: number;
  longestStallSeconds: number;
  lastGapSeconds: number;
  longestGapSeconds: number;
  corruptPages: number;
}

export interface NativeStartOptions {
  name: string;
  memoryBytes: number;
  workload: NativeWorkload;
  independent: boolean;
  guestProgram: string;
}

export interface NativeVerification {
  intact: boolean;
  checkedPages: number;
  writes: number;
  badPages: number;
  firstBadPage: number;
  message: string;
}

export interface NativeDirtyCount {
  pages: number;
  /** Time the call itself took, in seconds. */
  seconds: number;
  /** Longest time the guest was kept from working since the last such call, as it saw it. */
  stallSeconds: number;
  /** One bit per page, bit n of the little-endian array is page n; null where it was not asked for. */
  bitmap: Uint8Array | null;
}

/** One handle. Its calls are carried out one after another. Dropping it, or `close()`, ends its dirty log. */
export interface NativeDomain {
  info(): NativeDomainInfo;
  suspend(timeoutSeconds: number): Promise<void>;
  resume(): Promise<void>;
  destroy(): Promise<void>;
  balloon(targetBytes: number, timeoutSeconds: number): Promise<number>;
  verify(timeoutSeconds: number): Promise<NativeVerification>;
  digest(): Promise<bigint>;
  rename(name: string): Promise<void>;
  enableDirtyLog(tracker: string): Promise<void>;
  peekDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  cleanDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  disableDirtyLog(): Promise<void>;
  /** Rejects with STATE if anybody has it. `purpose` says what for, in others' messages. */
  claim(purpose: string): Promise<void>;
  unclaim(): Promise<void>;
  /** Rejects with STATE, saying what for, if another handle has the claim. */
  requireUnclaimed(operation: string): Promise<void>;
  /** Ends the dirty log; the guest lives on. */
  close(): Promise<void>;
}

export interface NativeReceiverOptions {
  registry: string;
  host: string;
  port: number;
  independent: boolean;
  guestProgram: string;
  /** Infinity: no limit. */
  maxMemoryBytes: number;
  secret: Uint8Array | null;
}

export interface NativeReceiverQuery {
  host: string;
  port: number;
  secret: Uint8Array | null;
  /** 32 lower-case hexadecimal digits. */
  uuid: string;
  /** A whole number: how long ago its move began; 0: `absent` counts as far as is remembered there. */
  agoMs: number;
  timeoutSeconds: number;
}

export type NativePlace = 'running' | 'held' | 'gone' | 'absent' | 'unknown';

export interface NativeReceiverEvent {
  kind: 'accepted' | 'prepared' | 'started' | 'dropped' | 'refused';
  domain: string;
  peer: string;
  message: string;
  bytes: number;
  times: number;
}

export interface NativeReceiver {
  readonly port: number;
  /** Drops what has not started yet. */
  close(): Promise<void>;
}
