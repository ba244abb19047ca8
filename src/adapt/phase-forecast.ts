import { requireAtLeast, requireList, requirePositive } from '../model/check.ts';
import { ChangeDetector, type ChangeDetectorOptions, type PhaseChange } from '../phase/change-detector.ts';
import { mergeIntoPhases } from '../phase/merge.ts';
import { type Alternation, findAlternation } from './alternation.ts';
import { type Expectation, type Forecast, ninetyPercent, nothingKnown } from './expectation.ts';
import { meanOf, type Stretch, secondsOf } from './stretch.ts';

/** An observation counts for its seconds, but for no more samples than these: what is off in one is off in all. */
const mostSamples = 3;
/** The detector's running level is as good as a mean over so many samples. */
const levelMemorySeconds = 40;

/** An observation, and how many of the detector's samples came before it. */
interface Observation extends Stretch {
  readonly samplesBefore: number;
}

/**
 * Predicts a series by its phases (§3.4): those of its profile, found afterwards, and those found since, as they come.
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
    const phases = mergeIntoPhases(profile);
    const present = phases.pop();
    for (const { from, to, mean } of phases) this.#ended.push({ seconds: to - from, mean });
    for (const sample of profile.slice(present?.from)) this.add(sample, 1);
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
    const overdue = alternation && now.seconds > alternation.present.seconds + 2 * switchSpread(alternation);
    const expectation =
      alternation && !overdue
        ? byAlternation(alternation, now.seconds, seconds)
        : byPhase(now, meanOf(phases), seconds);
    // The window's own noise, and what is left of it in a level that was learnt from so many seconds.
    const variance = 1 / Math.max(seconds, 1) + 1 / Math.min(Math.max(now.seconds, 1), levelMemorySeconds);
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
 * takes a ln(1 + w/a) on average; what comes after it is unknown, and taken to be as everything so far.
 */
function byPhase(now: Stretch, overall: number, seconds: number): Expectation {
  const meanIfItLasts = (lasting: number) => {
    const share = Math.min(lasting / seconds, 1);
    return share * now.mean + (1 - share) * overall;
  };
  const early = meanIfItLasts(now.seconds / 19);
  const late = meanIfItLasts(now.seconds * 19);
  return {
    mean: meanIfItLasts(now.seconds * Math.log1p(seconds / now.seconds)),
    low: Math.min(early, late),
    high: Math.max(early, late),
    basis: 'phase',
    switchInSeconds: null,
  };
}

function byAlternation(alternation: Alternation, age: number, seconds: number): Expectation {
  const due = Math.max(alternation.present.seconds - age, 1);
  const off = ninetyPercent * switchSpread(alternation);
  const [mean, early, late] = [due, Math.max(due - off, 0), due + off].map((untilSwitch) =>
    alternatingMean(alternation, untilSwitch, seconds),
  ) as [number, number, number];
  return {
    mean,
    low: Math.min(mean, early, late),
    high: Math.max(mean, early, late),
    basis: 'on-off',
    switchInSeconds: due,
  };
}

/** How far off its time a switch may be, as a standard deviation: a second at least, for that is how it is seen. */
function switchSpread({ present }: Alternation): number {
  return Math.max(present.spreadSeconds, 1);
}

function alternatingMean({ present, other }: Alternation, untilSwitch: number, seconds: number): number {
  const period = present.seconds + other.seconds;
  let total = Math.min(untilSwitch, seconds) * present.mean;
  const after = Math.max(seconds - untilSwitch, 0);
  const rest = after % period;
  total += ((after - rest) / period) * (present.seconds * present.mean + other.seconds * other.mean);
  total += Math.min(rest, other.seconds) * other.mean + Math.max(rest - other.seconds, 0) * present.mean;
  return total / seconds;
}
