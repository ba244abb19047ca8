import { requireAtLeast, requireList, requirePositive } from '../model/check.ts';
import { normalQuantile as upperQuantile } from '../model/load-interval.ts';
import { ChangeDetector, type ChangeDetectorOptions, type PhaseChange } from '../phase/change-detector.ts';
import { type AlternatingLevel, type Alternation, findAlternation } from './alternation.ts';
import { type Expectation, type Forecast, ninetyPercent, nothingKnown } from './expectation.ts';
import { meanOf, type Stretch, secondsOf } from './stretch.ts';

/** An observation counts for its seconds, but for no more samples than these: what is off in one is off in all. */
const mostSamples = 3;
/** The detector's running level is as good as a mean over so many samples. */
const levelMemorySeconds = 40;

/** A turn that has lasted longer than so many of its kind do is over; the pattern is broken. */
const surelyOver = 0.995;
/** Of the phases before, so many say what may come next. */
const recentPhases = 8;
/** Where the lengths of turns are looked at. */
const likelihoods = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];

/** An observation, and how many of the detector's samples came before it. */
interface Observation extends Stretch {
  readonly samplesBefore: number;
}

/**
 * Predicts a series by its phases (§3.4), found as they come; a profile's are found as if it had been watched, for that finds
 * short ones better than merging does.
 * An on-off pattern tells when the next switch is due; any other phase is expected to last as long again as it has.
 */
export class PhaseForecast implements Forecast {
  readonly #detector: ChangeDetector;
  /** Oldest first. */
  readonly #ended: Stretch[] = [];
  #present: Observation[] = [];
  #samples = 0;

  /** @param profile the series as it was recorded before, one sample a second */
  constructor(profile: readonly number[] = [], sensitivity: ChangeDetectorOptions = {}) {
    requireList('profile', profile);
    this.#detector = new ChangeDetector(sensitivity);
    for (const sample of profile) this.add(sample, 1);
  }

  get level(): number {
    return this.#detector.level;
  }

  add(mean: number, seconds: number): PhaseChange | null {
    requireAtLeast('mean', mean, 0);
    requireAtLeast('seconds', seconds, 0);
    if (seconds === 0) return null;
    this.#present.push({ seconds, mean, samplesBefore: this.#samples });
    for (let count = Math.min(Math.max(Math.round(seconds), 1), mostSamples); count > 0; count--) {
      this.#samples++;
      const change = this.#detector.add(mean);
      if (!change) continue;
      this.#beginPhase(change.at);
      return change;
    }
    return null;
  }

  next(seconds: number): Expectation {
    requirePositive('seconds', seconds);
    if (this.#present.length === 0) return nothingKnown;
    const now: Stretch = { seconds: secondsOf(this.#present), mean: this.level };
    const phases = [...this.#ended, now];
    const alternation = findAlternation(phases);
    const overdue = alternation && lengthsOf(alternation.present).shareWithin(now.seconds) > surelyOver;
    const expectation =
      alternation && !overdue ? byAlternation(alternation, now.seconds, seconds) : byPhase(now, phases, seconds);
    // The window's own noise, and what is left of it in a level that was learnt from so many seconds.
    const { linger } = this.#detector;
    const fewer = (1 + linger) / (1 - linger);
    const variance = fewer / Math.max(seconds, 1) + fewer / Math.min(Math.max(now.seconds, 1), levelMemorySeconds);
    const factor = Math.exp(ninetyPercent * this.#detector.noise * Math.sqrt(variance));
    return { ...expectation, low: expectation.low / factor, high: expectation.high * factor };
  }

  #beginPhase(at: number): void {
    const first = this.#present.findLastIndex(({ samplesBefore }) => samplesBefore <= at);
    if (first < 1) return;
    const before = this.#present.slice(0, first);
    this.#ended.push({ seconds: secondsOf(before), mean: meanOf(before) });
    this.#present = this.#present.slice(first);
  }
}

/**
 * Of a phase of unknown length that has lasted for a seconds one may expect that it goes on for another t seconds with
 * probability a / (a + t) (Gott 1993): for t = a/19 in 95 % of cases, for t = 19 a in 5 %. Of the next w seconds it then
 * takes a ln(1 + w/a) on average; what comes after it is unknown: on average as everything so far, at the worst as the
 * lowest or the highest of the phases before.
 */
function byPhase(now: Stretch, phases: readonly Stretch[], seconds: number): Expectation {
  const meanIfItLasts = (lasting: number, afterwards: number) => {
    const share = Math.min(lasting / seconds, 1);
    return share * now.mean + (1 - share) * afterwards;
  };
  const overall = meanOf(phases);
  const levels = phases.slice(-recentPhases).map(({ mean }) => mean);
  const ends = [Math.min(...levels), overall, Math.max(...levels)].flatMap((level) => [
    meanIfItLasts(now.seconds / 19, level),
    meanIfItLasts(now.seconds * 19, level),
  ]);
  return {
    mean: meanIfItLasts(now.seconds * Math.log1p(seconds / now.seconds), overall),
    low: Math.min(...ends),
    high: Math.max(...ends),
    basis: 'phase',
    switchInSeconds: null,
  };
}

/** The interval is that of all lengths that this turn and those after it may have, each as likely as the last ones were. */
function byAlternation({ present, other }: Alternation, age: number, seconds: number): Expectation {
  const now = lengthsOf(present);
  const next = lengthsOf(other);
  const passed = now.shareWithin(age);
  const means: number[] = [];
  for (const likelihood of likelihoods) {
    const untilSwitch = Math.max(now.quantile(passed + (1 - passed) * likelihood) - age, 0);
    for (const further of likelihoods) {
      const lengths = { present: now.quantile(1 - further), other: next.quantile(further) };
      means.push(alternatingMean({ present, other }, lengths, untilSwitch, seconds));
    }
  }
  means.sort((a, b) => a - b);
  const due = Math.max(present.seconds - age, 1);
  const mean = alternatingMean({ present, other }, { present: present.seconds, other: other.seconds }, due, seconds);
  const outside = Math.round(means.length * 0.05);
  return {
    mean,
    low: Math.min(mean, means[outside]!),
    high: Math.max(mean, means[means.length - 1 - outside]!),
    basis: 'on-off',
    switchInSeconds: due,
  };
}

/** How long a level's turns last: lognormal, the wider the fewer of them were seen; a second at least, for that is how a
 * switch is seen. */
function lengthsOf({ seconds, spreadSeconds, times }: AlternatingLevel) {
  const seen = Math.max(spreadSeconds, 1) / seconds;
  const sigma = Math.sqrt(Math.log1p(seen ** 2 * ((times + 1) / Math.max(times - 1, 1))));
  const middle = Math.log(seconds) - sigma ** 2 / 2;
  return {
    quantile: (share: number) => Math.exp(middle + sigma * normalQuantile(share)),
    shareWithin: (length: number) => (length > 0 ? normalShare((Math.log(length) - middle) / sigma) : 0),
  };
}

function alternatingMean(
  { present, other }: Alternation,
  lengths: { readonly present: number; readonly other: number },
  untilSwitch: number,
  seconds: number,
): number {
  const period = lengths.present + lengths.other;
  let total = Math.min(untilSwitch, seconds) * present.mean;
  const after = Math.max(seconds - untilSwitch, 0);
  const rest = after % period;
  total += ((after - rest) / period) * (lengths.present * present.mean + lengths.other * other.mean);
  total += Math.min(rest, lengths.other) * other.mean + Math.max(rest - lengths.other, 0) * present.mean;
  return total / seconds;
}

/** The quantile of the normal distribution for a share from 0 to 1. */
function normalQuantile(share: number): number {
  const within = Math.min(Math.max(share, 1e-6), 1 - 1e-6);
  return within < 0.5 ? -upperQuantile(1 - within) : upperQuantile(within);
}

/** The share of a normal distribution below x, to 1e-5: Abramowitz and Stegun, 26.2.16. */
function normalShare(x: number): number {
  const t = 1 / (1 + 0.33267 * Math.abs(x));
  const above =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * (0.4361836 * t - 0.1201676 * t ** 2 + 0.937298 * t ** 3);
  return x < 0 ? above : 1 - above;
}
