import type { PhaseChange } from '../phase/change-detector.ts';
import type { Expectation, Forecast } from './expectation.ts';

/** What is known of how a domain's dirty memory grows when it works as it did while that was measured. */
export interface Growth {
  /** Bytes dirty so many seconds after the log was cleaned; it never falls. */
  dirtyAfter(seconds: number): number;
  /** Whether anybody has looked after about so long; elsewhere the curve is a guess. */
  isKnownAfter(seconds: number): boolean;
}

/** Half as much time again must make so much more dirty; else the curve is too flat to read a time from. */
const leastGrowth = 0.2;
/** No phase is taken to be more than so many times as busy as the one before. */
const farthest = 16;
const halvings = 40;
/** The measurement counts as so many seconds: what it takes to learn what is normal. */
const asMeasured = [3, 3];

/**
 * Follows how hard a domain works: its pace, which is 1 as long as it works as it did while its growth curve W(t) was
 * measured. At pace p the curve is W(p t). So what a round finds dirty tells the pace whatever its length, where dirty
 * bytes over seconds would not: the longer a round, the more of its writes hit pages that are dirty already.
 */
export class Activity {
  readonly #forecast: Forecast;
  readonly #bytesPerSecond: number;
  /** The pace has been seen to be other than 1: by a change of phase, or in a recording. */
  #followed: boolean;

  /**
   * @param forecast predicts the dirty rate in bytes per second, and may know its past
   * @param bytesPerSecond the dirty rate at pace 1, as windows of a second show it; above 0
   */
  constructor(forecast: Forecast, bytesPerSecond: number) {
    this.#forecast = forecast;
    this.#bytesPerSecond = bytesPerSecond;
    this.#followed = forecast.level > 0;
    if (!this.#followed) for (const seconds of asMeasured) forecast.add(bytesPerSecond, seconds);
  }

  /** Of the present phase. It stays 1 until the phase changes: what rounds tell until then is better used for the curve. */
  get pace(): number {
    return this.#followed ? this.#forecast.level / this.#bytesPerSecond : 1;
  }

  /** So much was dirty so many seconds after the log was cleaned. Returns the change of phase it gives away, if it does. */
  observe(seconds: number, dirtyBytes: number, growth: Growth): PhaseChange | null {
    // What is found after a time that nobody has looked after tells of the curve, not of the pace.
    if (!(seconds > 0 && growth.isKnownAfter(this.pace * seconds))) return null;
    const work = workSeconds(growth, dirtyBytes, farthest * this.pace * seconds);
    if (work === null) return null;
    const change = this.#forecast.add((work / seconds) * this.#bytesPerSecond, seconds);
    if (change) this.#followed = true;
    return change;
  }

  /** The mean pace over the next so many seconds, above 0. */
  next(seconds: number): Expectation {
    const { mean, low, high, ...rest } = this.#forecast.next(seconds);
    const pacePerUnit = this.pace / this.#forecast.level;
    return { mean: mean * pacePerUnit, low: low * pacePerUnit, high: high * pacePerUnit, ...rest };
  }
}

/** How long a domain takes at pace 1 to dirty so much, up to `most`; null where its curve does not tell. */
export function workSeconds(growth: Growth, dirtyBytes: number, most: number): number | null {
  if (!(dirtyBytes > 0 && dirtyBytes < growth.dirtyAfter(most))) return null;
  let low = 0;
  let high = most;
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (growth.dirtyAfter(middle) < dirtyBytes) low = middle;
    else high = middle;
  }
  const isFlat = growth.dirtyAfter(1.5 * high) < (1 + leastGrowth) * dirtyBytes;
  return isFlat ? null : high;
}
