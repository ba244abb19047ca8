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

/** So long at this share of the high level. */
export interface LevelStep {
  readonly seconds: number;
  /** 0 to 1. */
  readonly level: number;
}

/**
 * What a simulated guest does to its memory: what a process domain's guest can do, or `trace`: the `levels` one after
 * another, over and over. `periodMs` is how long they take together.
 */
export interface SimWorkload extends Omit<Workload, 'kind'> {
  readonly kind: Workload['kind'] | 'trace';
  /** Of a `trace`, at least one. */
  readonly levels?: readonly LevelStep[];
}

/** How domains differ: a guest that is a Linux process, one that Xen runs, or numbers in a simulation. */
export type DomainKind = 'process' | 'xen' | 'sim';

export interface ProcessDomainInfo {
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
  /** `ended`: the guest is no more, and all else here is what was last known of it. */
  readonly state: 'running' | 'paused' | 'incoming' | 'ended';
  /** Lives until it is destroyed, not until the process that started or received it ends. */
  readonly independent: boolean;
  readonly workload: Workload;
  /** Page writes since the guest was first started, on any side. */
  readonly writes: number;
  /** The longest the guest has been kept from working, on this side, as it saw it. Pauses do not count. */
  readonly longestStallMs: number;
  /**
   * How long the guest found that it had stood still when it last ran again, by the time of day (CLOCK_REALTIME), which
   * spans a pause as well as a move; between two hosts it is as true as their clocks agree. 0 before the first one, and
   * for an idle guest, which keeps no record. `longestGapMs` is the longest so far, on any side.
   */
  readonly lastGapMs: number;
  readonly longestGapMs: number;
  /** Pages the guest itself found lost or stale. Anything but 0 is a disaster. */
  readonly corruptPages: number;
}

export interface XenDomainInfo {
  /** For example `xen:web`. */
  readonly reference: string;
  readonly name: string;
  readonly kind: 'xen';
  /** The same on both sides of a migration. */
  readonly uuid: string;
  /** Xen's number for it on this host. */
  readonly domid: number;
  readonly type: 'pv' | 'pvh' | 'hvm';
  /** What it may have at most (memory/static-max). */
  readonly memoryBytes: number;
  /** What it has now, less what was ballooned away (tot_pages). */
  readonly presentBytes: number;
  /** What it is asked to have (memory/target): a guest gets there by and by, or not at all. */
  readonly targetBytes: number;
  /** `suspended`: stopped by itself for a migration. `incoming`: being received, under its name with `--incoming`. */
  readonly state: 'running' | 'paused' | 'suspended' | 'dying' | 'incoming';
  readonly vcpus: number;
  /** Of all its processors together, since it was started on this host. */
  readonly cpuSeconds: number;
}

/** Domains of this host, told apart by `kind`. */
export type DomainInfo = ProcessDomainInfo | XenDomainInfo;

export interface SimDomainInfo {
  /** For example `sim:web`. */
  readonly reference: string;
  readonly name: string;
  readonly kind: 'sim';
  readonly memoryBytes: number;
  /** Memory less what was given back. */
  readonly presentBytes: number;
  /** At its source. */
  readonly state: 'running' | 'suspended' | 'gone';
  readonly workload: SimWorkload;
}
