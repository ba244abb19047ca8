import { checkDomain, type DirtyLayout, type Domain } from '../domains/domain.ts';
import { requireDuration, requireList, requireObject, requireObjects } from '../model/check.ts';
import { type Clock, hostClock } from './clock.ts';
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
  /** The dirty rate in windows of a second, in bytes per second, where it was recorded. */
  readonly series: readonly number[];
  /** Where the pages lay that the first measurement found dirty in the end; null where nobody has looked. */
  readonly layout: DirtyLayout | null;
  #rounds: GrowthPoint[] = [];
  #fit: GrowthFit | null = null;

  constructor(
    measured: readonly GrowthPoint[] = [],
    series: readonly number[] = [],
    layout: DirtyLayout | null = null,
  ) {
    requireObjects('measured', measured);
    requireList('series', series);
    if (layout !== null) requireObject('layout', layout);
    this.#measured = measured;
    this.series = series;
    this.layout = layout;
  }

  /** Whether anybody has looked at what was dirty after about so long, give or take a factor of two. */
  isKnownAfter(seconds: number): boolean {
    return this.#points().some((point) => point.seconds >= seconds / 2 && point.seconds <= seconds * 2);
  }

  /** A round of so many seconds, at the pace of the first measurement, left so many pages dirty. */
  addRound(point: GrowthPoint): void {
    if (point.seconds > 0) this.#rounds = [...this.#rounds, point].slice(-recentRounds);
    this.#fit = null;
  }

  /**
   * The model has two parameters, the measured curve has three (hot, cold and their rate). They are made to agree where
   * it matters: after `horizonSeconds`, the length of round 0, which gives W, and after an eighth of that, a later round,
   * which gives d. `pace` is how much harder the domain works than when it was measured.
   */
  estimate(memoryBytes: number, horizonSeconds: number, pace = 1): LoadEstimate {
    const wwsBytes = Math.min(this.dirtyAfter(pace * horizonSeconds), memoryBytes);
    if (wwsBytes === 0) return { wwsBytes: 0, dirtyBytesPerSecond: 0 };
    const early = horizonSeconds / 8;
    const share = Math.min(this.dirtyAfter(pace * early) / wwsBytes, 0.999);
    return { wwsBytes, dirtyBytesPerSecond: (-wwsBytes * Math.log1p(-share)) / early };
  }

  /** The curve that fits what is known best. */
  get fit(): GrowthFit {
    this.#fit ??= this.#fitted();
    return this.#fit;
  }

  /** Everything that is known, also where the curve is fitted to later rounds alone. */
  get allPoints(): readonly GrowthPoint[] {
    return [...this.#measured, ...this.#rounds];
  }

  /** What the first measurement found dirty in the end. */
  get measuredDirtyPages(): number {
    return this.#measured.at(-1)?.dirtyPages ?? 0;
  }

  /** Bytes dirty so many seconds after the log was cleaned, by the fitted curve; 0 as long as nothing is known. */
  dirtyAfter(seconds: number): number {
    const { wwsPages, dirtyPagesPerSecond, coldPagesPerSecond } = this.fit;
    const hot = wwsPages > 0 ? wwsPages * -Math.expm1((-dirtyPagesPerSecond * seconds) / wwsPages) : 0;
    return (hot + coldPagesPerSecond * seconds) * pageBytes;
  }

  #fitted(): GrowthFit {
    const points = this.#points();
    return points.length > 0 ? fitGrowthCurve(points) : nothingDirty;
  }

  #points(): readonly GrowthPoint[] {
    return this.#rounds.length < enoughRounds ? [...this.#measured, ...this.#rounds] : this.#rounds;
  }
}

export interface ProfileOptions {
  /** Above 0; from 10 000 on, half of it is spent on recording phases. */
  readonly durationMs: number;
  /** `auto`, or the name of one of `probeTrackers()`. */
  readonly tracker: string;
  readonly signal: AbortSignal | undefined;
}

/** A measurement of so many milliseconds is long enough to record phases, with its second half. */
const longMs = 10_000;
const sampleMs = 1000;
/** The first look at what is dirty is after so long, or after this share of a shorter measurement. */
const firstPeekMs = 125;
const firstPeekShare = 1 / 16;
/** Enough to tell a working set that lies together from one that lies all over the memory. */
const layoutSlices = 64;

/**
 * Measures a domain before it moves (§3.4): one clean, then peeks at growing windows, which gives the growth curve. A
 * long measurement then goes on in windows of a second, which show its phases.
 */
export async function measureProfile(
  domain: Domain,
  options: ProfileOptions,
  clock: Clock = hostClock,
): Promise<DirtyProfile> {
  checkDomain(domain);
  requireObject('options', options);
  const { durationMs, tracker, signal } = options;
  requireDuration('durationMs', durationMs);
  const log = await domain.openDirtyLog(tracker);
  try {
    const samples = durationMs < longMs ? 0 : Math.floor(durationMs / 2 / sampleMs);
    const curveMs = durationMs - samples * sampleMs;
    await log.clean();
    const begin = clock.now();
    const points: GrowthPoint[] = [];
    for (const ms of peekTimes(curveMs)) {
      await clock.pause((begin - clock.now()) * 1000 + ms, signal);
      const { pages } = await log.peek();
      points.push({ seconds: clock.now() - begin, dirtyPages: pages });
    }
    const layout = await log.cleanLayout(layoutSlices);
    const series: number[] = [];
    for (let from = clock.now(); series.length < samples; ) {
      await clock.pause(sampleMs, signal);
      const { pages } = await log.clean();
      const now = clock.now();
      series.push((pages * pageBytes) / (now - from));
      from = now;
    }
    return new DirtyProfile(points, series, layout);
  } finally {
    await log[Symbol.asyncDispose]();
  }
}

/** Each twice as late as the one before: short rounds matter as much as long ones. */
function peekTimes(durationMs: number): number[] {
  const first = Math.min(firstPeekMs, firstPeekShare * durationMs);
  const doublings = Math.round(Math.log2(durationMs / first));
  return Array.from({ length: doublings + 1 }, (_, index) => durationMs / 2 ** (doublings - index));
}
