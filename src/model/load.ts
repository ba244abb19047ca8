import { argumentError, requireAtLeast, requireInteger, requireObject, requirePositive, shown } from './check.ts';

/** A page is 4096 bytes everywhere (native/core/page.h). */
export const pageBytes = 4096;

/** What the cost model knows of one domain. All in bytes, so that the link's rate and the domain's are of one kind. */
export interface DomainLoad {
  /** M: present memory, above 0. */
  readonly memoryBytes: number;
  /** W: writable working set, the most that writing it over and over can leave dirty; in [0, memoryBytes]. */
  readonly wwsBytes: number;
  /** d: rate at which clean pages of the working set turn dirty just after the log was cleaned; 0 or more. */
  readonly dirtyBytesPerSecond: number;
  /** c: rate at which ever new pages, outside the working set, are written; 0 or more. Default 0. */
  readonly coldBytesPerSecond?: number;
  /**
   * For a migration under way: the rest of its present round together with what is dirty by now (paper, section 3.4).
   * It takes the place of the memory as the first thing to send. In [0, memoryBytes]; 0: nothing is left.
   */
  readonly remainingBytes?: number;
  /** For a migration under way: what it has sent so far, which counts against the traffic limit. 0 or more. */
  readonly sentBytes?: number;
}

/**
 * How much of the working set is dirty `t` seconds after the log was cleaned: `saturating`, W(1 - e^(-dt/W)), is what
 * writes spread at random over it do; `linear`, min(dt, W), is a sweep through it, and the paper's eq. 1 while dt < W.
 * With what is written once, D(t) is that and ct, but never more than the memory.
 */
export type Growth = 'saturating' | 'linear';

/** When pre-copy ends, and how dirt grows. The defaults are the paper's: Xen's original rules. */
export interface ModelOptions {
  /** N: rounds before the final copy, from now on; an integer in [1, 1000]. Default 30. */
  readonly roundLimit?: number;
  /**
   * beta: pre-copy ends, midway in a round, once this many times the memory is sent. 0 or more, or Infinity. Default 3.
   */
  readonly trafficFactor?: number;
  /** V_thd: pre-copy ends after a round that leaves no more than this dirty. 0 or more. Default 50 pages. */
  readonly thresholdBytes?: number;
  /**
   * Pre-copy also ends after a round that leaves no more than is sent in so many seconds: the stop rule `downtime`. 0
   * or more. Default 0.
   */
  readonly thresholdSeconds?: number;
  /** Default 'saturating'. */
  readonly growth?: Growth;
}

/** {@link ModelOptions} with every default filled in. */
export type Model = Required<ModelOptions>;

/** Fills in the defaults. @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT for a value out of its range. */
export function modelOf(options: ModelOptions): Model {
  requireObject('options', options);
  const { roundLimit = 30, trafficFactor = 3, thresholdBytes = 50 * pageBytes } = options;
  const { thresholdSeconds = 0, growth = 'saturating' } = options;
  requireInteger('roundLimit', roundLimit, 1, 1000);
  if (!(trafficFactor >= 0)) throw argumentError(`trafficFactor must be at least 0, not ${trafficFactor}`);
  requireAtLeast('thresholdBytes', thresholdBytes, 0);
  requireAtLeast('thresholdSeconds', thresholdSeconds, 0);
  if (growth !== 'saturating' && growth !== 'linear') {
    throw argumentError(`growth must be 'saturating' or 'linear', not ${shown(growth)}`);
  }
  return { roundLimit, trafficFactor, thresholdBytes, thresholdSeconds, growth };
}

/** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the field, unless each field is in its range. */
export function checkLoad(load: DomainLoad): void {
  requireObject('load', load);
  const {
    memoryBytes,
    wwsBytes,
    dirtyBytesPerSecond,
    coldBytesPerSecond = 0,
    remainingBytes = 0,
    sentBytes = 0,
  } = load;
  requirePositive('memoryBytes', memoryBytes);
  requireAtLeast('wwsBytes', wwsBytes, 0);
  requireAtLeast('dirtyBytesPerSecond', dirtyBytesPerSecond, 0);
  requireAtLeast('coldBytesPerSecond', coldBytesPerSecond, 0);
  requireAtLeast('remainingBytes', remainingBytes, 0);
  requireAtLeast('sentBytes', sentBytes, 0);
  if (wwsBytes > memoryBytes) {
    throw argumentError(`wwsBytes (${wwsBytes}) must not exceed memoryBytes (${memoryBytes})`);
  }
  if (remainingBytes > memoryBytes) {
    throw argumentError(`remainingBytes (${remainingBytes}) must not exceed memoryBytes (${memoryBytes})`);
  }
}
