import { requireAtLeast, requireInteger, requireList, requireObject, requirePositive } from './check.ts';
import { pageBytes } from './load.ts';

/** One domain as Table 1 of the paper describes it. Bytes, and bytes per second. */
export interface PaperLoad {
  /** M: above 0. */
  readonly memoryBytes: number;
  /** d: 0 or more. */
  readonly dirtyBytesPerSecond: number;
  /** W: 0 or more. */
  readonly wwsBytes: number;
}

/** The constants of the paper's model. The defaults are Xen 4.1's. */
export interface PaperModelOptions {
  /** V_thd, eq. 6: above 0. Default 50 pages. */
  readonly thresholdBytes?: number;
  /** N, eqs. 6 to 8: an integer in [1, 1000]. Default 30. */
  readonly roundLimit?: number;
  /** beta, eqs. 7 and 8. Default 3. */
  readonly trafficFactor?: number;
  /** alpha, eqs. 7 and 8: the share of W that a round re-sends, in [0, 1]; see {@link fitAlpha}. Default 1. */
  readonly alpha?: number;
}

/** What the paper's model expects of a migration at rate r. */
export interface PaperCost {
  /** n, eq. 6; N where d >= r. */
  readonly rounds: number;
  /** V, eq. 4 or 7. */
  readonly trafficBytes: number;
  /** T, eq. 5 or 8. */
  readonly completionSeconds: number;
  /** v_n: what stop-and-copy sends; W where eq. 7's traffic limit ends pre-copy. */
  readonly residualBytes: number;
  /** v_n / r: the pause. */
  readonly downtimeSeconds: number;
  /** dT/dr with n held, which Newton's method goes by; seconds per byte per second. */
  readonly slope: number;
}

/**
 * The paper's cost model as printed (§3.3.1), the baseline that {@link predictMigration} is compared with: a geometric
 * series while d < r (eqs. 4 to 6) and a bound by the working set beyond (eqs. 7 and 8). At r = d the two branches
 * disagree, by up to 23 times.
 *
 * @param bytesPerSecond r: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function paperCost(load: PaperLoad, bytesPerSecond: number, options: PaperModelOptions = {}): PaperCost {
  requireObject('load', load);
  requireObject('options', options);
  const { thresholdBytes = 50 * pageBytes, roundLimit = 30, trafficFactor = 3, alpha = 1 } = options;
  const { memoryBytes, dirtyBytesPerSecond, wwsBytes } = load;
  requirePositive('memoryBytes', memoryBytes);
  requireAtLeast('dirtyBytesPerSecond', dirtyBytesPerSecond, 0);
  requireAtLeast('wwsBytes', wwsBytes, 0);
  requirePositive('bytesPerSecond', bytesPerSecond);
  requirePositive('thresholdBytes', thresholdBytes);
  requireInteger('roundLimit', roundLimit, 1, 1000);
  const q = dirtyBytesPerSecond / bytesPerSecond;
  if (q >= 1) {
    const byRounds = memoryBytes + roundLimit * alpha * wwsBytes;
    const byTraffic = trafficFactor * memoryBytes + wwsBytes;
    const trafficBytes = Math.min(byRounds, byTraffic);
    const completionSeconds = trafficBytes / bytesPerSecond;
    const residualBytes = byRounds <= byTraffic ? alpha * wwsBytes : wwsBytes;
    return {
      rounds: roundLimit,
      trafficBytes,
      completionSeconds,
      residualBytes,
      downtimeSeconds: residualBytes / bytesPerSecond,
      slope: -completionSeconds / bytesPerSecond,
    };
  }
  const rounds = roundsUntil(thresholdBytes / memoryBytes, q, roundLimit);
  let term = 1; // q^i
  let series = 1;
  let weighted = 1; // sum of (i + 1) q^i
  for (let i = 1; i <= rounds; i++) {
    term *= q;
    series += term;
    weighted += (i + 1) * term;
  }
  return {
    rounds,
    trafficBytes: memoryBytes * series,
    completionSeconds: (memoryBytes / bytesPerSecond) * series,
    residualBytes: memoryBytes * term,
    downtimeSeconds: (memoryBytes / bytesPerSecond) * term,
    slope: -(memoryBytes / bytesPerSecond ** 2) * weighted,
  };
}

/** One round of the paper's series. */
export interface PaperRound {
  /** v_i, eq. 1. */
  readonly bytes: number;
  /** t_i, eq. 2. */
  readonly seconds: number;
}

/**
 * Rounds 0 to n of eqs. 1 and 2 in closed form: v_i = M d^i / r^i and t_i = M d^i / r^(i + 1). That is eq. 3, which is
 * printed with d in place of d^i.
 *
 * @param bytesPerSecond r: above 0
 * @param rounds n: an integer in [0, 1000]
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function paperRounds(
  load: Pick<PaperLoad, 'memoryBytes' | 'dirtyBytesPerSecond'>,
  bytesPerSecond: number,
  rounds: number,
): PaperRound[] {
  requireObject('load', load);
  const { memoryBytes, dirtyBytesPerSecond } = load;
  requirePositive('memoryBytes', memoryBytes);
  requireAtLeast('dirtyBytesPerSecond', dirtyBytesPerSecond, 0);
  requirePositive('bytesPerSecond', bytesPerSecond);
  requireInteger('rounds', rounds, 0, 1000);
  return Array.from({ length: rounds + 1 }, (_, i) => {
    const bytes = memoryBytes * (dirtyBytesPerSecond / bytesPerSecond) ** i;
    return { bytes, seconds: bytes / bytesPerSecond };
  });
}

/** Eq. 6: the first n with M q^n <= V_thd, at most N. Nothing is dirtied at q = 0, and nothing is sent twice. */
function roundsUntil(threshold: number, q: number, limit: number): number {
  if (threshold >= 1 || q === 0) return 0;
  return Math.min(Math.ceil(Math.log(threshold) / Math.log(q)), limit);
}

/**
 * alpha of eqs. 7 and 8 by linear regression (§3.3.1): the traffic after n rounds of pre-copy is taken to be
 * M + n alpha W, and alpha W is the slope of the least-squares line through (0, M) and what was observed.
 *
 * @param roundBytes sent in each round after round 0, in order; at least one
 * @returns alpha, 0 or more; above 1 where W was measured too small
 */
export function fitAlpha(roundBytes: readonly number[], wwsBytes: number): number {
  requireList('roundBytes', roundBytes);
  requireInteger('roundBytes.length', roundBytes.length, 1, 1e6);
  requirePositive('wwsBytes', wwsBytes);
  let sent = 0;
  let products = 0;
  let squares = 0;
  for (const [index, bytes] of roundBytes.entries()) {
    const n = index + 1;
    sent += bytes;
    products += n * sent;
    squares += n * n;
  }
  return products / squares / wwsBytes;
}
