import type { Domain } from '../domains/domain.ts';
import { pause, tick } from './clock.ts';
import { fitGrowthCurve, type GrowthFit, type GrowthPoint } from './curve.ts';

const pageBytes = 4096;
/** Observed rounds kept beside the first measurement: enough for a curve, few enough to follow a change. */
const recentRounds = 8;
/** With so many rounds seen the first measurement is history. */
const enoughRounds = 4;
const nothingDirty: GrowthFit = { wwsPages: 0, dirtyPagesPerSecond: 0, coldPagesPerSecond: 0, relativeError: 0 };

/** W and d of the cost model's growth curve D(t) = W (1 − e^(−d t / W)). */
export interface LoadEstimate {
  readonly wwsBytes: number;
  readonly dirtyBytesPerSecond: number;
}

/** What is known of how a domain dirties its memory: a first measurement, then whatever its rounds show. */
export class DirtyProfile {
  readonly #measured: readonly GrowthPoint[];
  #rounds: GrowthPoint[] = [];
  #fit: GrowthFit | null = null;

  constructor(measured: readonly GrowthPoint[] = []) {
    this.#measured = measured;
  }

  /** A round of so many seconds left so many pages dirty. */
  addRound(point: GrowthPoint): void {
    if (point.seconds > 0) this.#rounds = [...this.#rounds, point].slice(-recentRounds);
    this.#fit = null;
  }

  /**
   * The model has two parameters, the measured curve has three (hot, cold and their rate). They are made to agree where
   * it matters: after `horizonSeconds`, the length of round 0, which gives W, and after an eighth of that, a later round,
   * which gives d.
   */
  estimate(memoryBytes: number, horizonSeconds: number): LoadEstimate {
    const wwsBytes = Math.min(this.dirtyAfter(horizonSeconds), memoryBytes);
    if (wwsBytes === 0) return { wwsBytes: 0, dirtyBytesPerSecond: 0 };
    const early = horizonSeconds / 8;
    const share = Math.min(this.dirtyAfter(early) / wwsBytes, 0.999);
    return { wwsBytes, dirtyBytesPerSecond: (-wwsBytes * Math.log1p(-share)) / early };
  }

  /** Bytes dirty so many seconds after the log was cleaned, by the fitted curve; 0 as long as nothing is known. */
  dirtyAfter(seconds: number): number {
    this.#fit ??= this.#fitted();
    const { wwsPages, dirtyPagesPerSecond, coldPagesPerSecond } = this.#fit;
    const hot = wwsPages > 0 ? wwsPages * -Math.expm1((-dirtyPagesPerSecond * seconds) / wwsPages) : 0;
    return (hot + coldPagesPerSecond * seconds) * pageBytes;
  }

  #fitted(): GrowthFit {
    const points = this.#rounds.length < enoughRounds ? [...this.#measured, ...this.#rounds] : this.#rounds;
    return points.length > 0 ? fitGrowthCurve(points) : nothingDirty;
  }
}

/** Measures a domain for `durationMs`: one clean, then peeks at growing windows (§3.4: "prior to starting migrations"). */
export async function measureProfile(
  domain: Domain,
  durationMs: number,
  tracker: string,
  signal: AbortSignal | undefined,
): Promise<DirtyProfile> {
  const log = await domain.openDirtyLog(tracker);
  try {
    await log.clean();
    const begin = tick();
    const points: GrowthPoint[] = [];
    for (const share of [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]) {
      await pause(begin + share * durationMs - tick(), signal);
      const { pages } = await log.peek();
      points.push({ seconds: (tick() - begin) / 1000, dirtyPages: pages });
    }
    return new DirtyProfile(points);
  } finally {
    await log[Symbol.asyncDispose]();
  }
}
