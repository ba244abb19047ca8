import { argumentError } from '../model/check.ts';
import type { Check } from '../transfer/check.ts';
import type { EngineChoice, EngineName, EngineOptions, MigrationEngine } from './engine.ts';
import type { ProcessDomainInfo, SimDomainInfo, XenDomainInfo } from './info.ts';

export type * from './engine.ts';
export type * from './info.ts';

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
  /** The same with how many of the dirty pages lie in each of so many slices of the memory, even but for the last. */
  cleanLayout(slices: number): Promise<DirtyCount & DirtyLayout>;
}

/** Where in a domain's memory dirty pages lie. */
export interface DirtyLayout {
  readonly pagesPerSlice: number;
  /** For each slice, in the order of memory. */
  readonly dirtyPages: readonly number[];
}

/** One thing that a migration needs of a domain. */
export type PreflightCheck = Check;

/** A domain's memory while it is moved. */
export interface HeldMemory {
  readonly presentBytes: number;
  /** What it is asked to have; what it has, where nobody asks. */
  readonly targetBytes: number;
}

interface AnyDomain extends AsyncDisposable {
  /** With its kind, for example `process:web`. */
  readonly reference: string;
  readonly name: string;
  /** Resolves once no instruction of the guest can run. @throws {VmbuddiesError} ERR_VMBUDDIES_SUSPEND on time-out */
  suspend(timeoutMs?: number): Promise<void>;
  resume(): Promise<void>;
  /**
   * Ends the guest; its memory is gone. Any number of times. `force`: even while a group that it belongs to is being moved,
   * which then fails. @throws {VmbuddiesError} ERR_VMBUDDIES_STATE for a domain that is being moved, naming the migration
   */
  destroy(options?: { readonly force?: boolean }): Promise<void>;
  /** Gives free memory back, or takes it again, and resolves with the bytes present once that has settled. */
  balloon(targetBytes: number): Promise<number>;
  /**
   * For the arbitrator: sees to it that the domain's memory stays as it is until it has moved, or is ballooned again, and
   * says what that is. A Xen guest that has not got to its target by now gets what it has for its target.
   * @throws {VmbuddiesError} ERR_VMBUDDIES_STATE if its memory goes on changing
   */
  holdMemory(): Promise<HeldMemory>;
  /** What the guest needs of its present memory; null where nobody says: a Xen guest without an agent. */
  usedBytes(): Promise<number | null>;
  /**
   * Lets the guest check all the memory it uses while it goes on working.
   * @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE for a Xen domain, whose guest keeps no record of its memory
   */
  verify(): Promise<Verification>;
  /** Switches the dirty log on. @throws {VmbuddiesError} ERR_VMBUDDIES_DIRTY_LOG_BUSY while somebody else has it */
  openDirtyLog(tracker?: string): Promise<DirtyLog>;
  /** What stands in the way of migrating it live, each thing examined on its own. Changes nothing. */
  preflight(): Promise<PreflightCheck[]>;
  /**
   * Whether `to`, and `ssh` where it is given, can be a destination as far as one sees without trying: `HOST:PORT` for
   * a process domain, `[USER@]HOST` for a Xen domain. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT
   */
  checkDestination(to: string, ssh?: string | null): void;
  /** Which engine this domain moves with. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT if it cannot be the chosen one */
  engineFor(choice: EngineChoice): EngineName;
  /** For the arbitrator: a migration that has not begun. */
  openEngine(options: EngineOptions): MigrationEngine;
  /** Looks whether the guest is still on this host. */
  place(): 'source' | 'ended' | 'unknown';
  /**
   * For a group: from now on, until `unclaim()` or the end of this process, all calls that would harm its migration are
   * refused, other groups' claims among them. `purpose` says what for.
   * @throws {VmbuddiesError} ERR_VMBUDDIES_STATE, naming the migration that has it
   */
  claim(purpose: string): Promise<void>;
  unclaim(): Promise<void>;
  /** For the arbitrator: frees the domain's name for its copy (`NAME--migratedaway`, as xl does), and takes it back. */
  stepAside(): Promise<void>;
  stepBack(): Promise<void>;
  /**
   * Whether it can step aside once all of it has been sent: that it is not itself what a migration left behind, and that
   * none was left of its name. @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_EXISTS, with what to do
   */
  checkStepAside(): void;
  /** For the arbitrator: gives the copy that runs at the destination the memory that ballooning took before it moved. */
  restoreMemoryAt(to: string, ssh: string | null, presentBytes: number, secret?: Uint8Array): Promise<void>;
  /** Lets go of the domain, which lives on. */
  close(): Promise<void>;
}

export interface ProcessDomain extends AnyDomain {
  readonly kind: 'process';
  /** The folder it is registered in, absolute. */
  readonly registry: string;
  info(): ProcessDomainInfo;
}

export interface XenDomain extends AnyDomain {
  readonly kind: 'xen';
  info(): XenDomainInfo;
}

/** A domain that is a page-count model on a virtual clock; it exists only within one simulation. */
export interface SimDomain extends AnyDomain {
  readonly kind: 'sim';
  info(): SimDomainInfo;
}

/** A running domain, of the kind its reference names. */
export type Domain = ProcessDomain | XenDomain | SimDomain;

/** Refuses what is not a domain, however it came to be passed as one. @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT */
export function checkDomain(domain: Domain): void {
  if (typeof domain?.reference === 'string') return;
  throw argumentError('a domain must be what openDomain, startDomain or another backend returned');
}
