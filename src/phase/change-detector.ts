import { requireAtLeast, requireObject, requirePositive } from '../model/check.ts';
/** How sensitive a {@link ChangeDetector} is. The defaults suit dirty rates sampled once a second. */
export interface ChangeDetectorOptions {
  /** Changes smaller than twice this, in standard deviations of the noise, count as noise. Above 0. Default 1. */
  readonly drift?: number;
  /** Evidence beyond the drift that makes an alarm, in standard deviations. Above 0. Default 5.9. */
  readonly threshold?: number;
  /** Noise is taken to be no less than this share of the level: a steady series would alarm at a whisper. Default 0.08. */
  readonly leastNoise?: number;
}

/** A phase that has begun. */
export interface PhaseChange {
  /** Index of the sample at which the new phase is taken to have begun. */
  readonly at: number;
  /** Mean level of the phase that ended, and the first estimate of the new one's; in the samples' unit. */
  readonly before: number;
  readonly after: number;
}

/** One sample counts for no more than so many standard deviations: as evidence of a change, and as noise. */
const mostEvidence = 4;
const mostNoise = 3;
/** Samples from which level and noise are first taken; later phases know the noise from those before. */
const warmUp = 6;
/** Weight of a new sample in the running level and noise. */
const memory = 0.05;
/** Levels nearer to each other than by this factor are not told apart. */
const leastFactor = 1.3;
/** The first samples hold a change if two parts of them differ by more than that, and by so many standard errors. */
const leastFirstErrors = 5;
/** How much of one sample's noise lingers in the next is taken to be nothing at first; that counts for so many samples. */
const lingerPrior = 20;
const mostLinger = 0.85;
/** Evidence that has not made a change in so many samples is noise. */
const mostSuspects = 8;

/**
 * Finds the samples at which a positive series changes its level, as they come: a two-sided CUSUM (Page 1954) on its
 * logarithm, so that a change by a factor counts alike at every level. Level and noise are learnt from the phase itself.
 * The default for phases of dirty rates (§3.4); the paper merges splines afterwards, see {@link mergeIntoPhases}.
 */
export class ChangeDetector {
  readonly #drift: number;
  readonly #threshold: number;
  readonly #leastNoise: number;
  #samples = 0;
  /** Until level and noise are first taken. */
  #first: number[] | null = [];
  /** Of the present phase, those that its level rests on. */
  #phaseSamples = 0;
  #mean = 0;
  #variance = 0;
  /** Of neighbouring samples, and how many pairs were seen. */
  #covariance = 0;
  #pairs = 0;
  #lastOff = 0;
  /** Samples that may be noise or the beginning of a change: one sample of a new level would look like much noise. */
  #suspects: number[] = [];
  #up = 0;
  #down = 0;
  #upSince: number[] = [];
  #downSince: number[] = [];

  /** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the option that is out of its range. */
  constructor(options: ChangeDetectorOptions = {}) {
    requireObject('options', options);
    const { drift = 1, threshold = 5.9, leastNoise = 0.08 } = options;
    for (const [name, value] of Object.entries({ drift, threshold, leastNoise })) requirePositive(name, value);
    this.#drift = drift;
    this.#threshold = threshold;
    this.#leastNoise = leastNoise;
  }

  /** The present phase's level, in the samples' unit; 0 before the first sample. */
  get level(): number {
    if (this.#samples === 0) return 0;
    return Math.exp(this.#first ? median(this.#first) : this.#mean);
  }

  /** The standard deviation of the samples' logarithms within a phase, as far as it is known. */
  get noise(): number {
    return Math.max(Math.sqrt(this.#variance), this.#leastNoise);
  }

  /** The correlation of one sample's noise with the next one's, 0 to below 1, as far as it is known. */
  get linger(): number {
    if (this.#variance === 0) return 0;
    const trust = this.#pairs / (this.#pairs + lingerPrior);
    return Math.min(Math.max((trust * this.#covariance) / this.#variance, 0), mostLinger);
  }

  /** Takes the next sample, 0 or more; returns the change it gives away, if it does. */
  add(sample: number): PhaseChange | null {
    requireAtLeast('sample', sample, 0);
    this.#samples++;
    const value = Math.log(Math.max(sample, 1));
    if (this.#first) {
      this.#first.push(value);
      return this.#first.length === warmUp ? this.#settle(this.#first) : null;
    }
    const noise = Math.sqrt(this.#variance);
    const { linger } = this;
    const off = value - this.#mean;
    // What lingers of the last sample's noise is no news; a level that rests on few samples is off itself.
    const unsure = Math.sqrt(1 + (1 + linger) / ((1 - linger) * this.#phaseSamples));
    const score =
      (off - linger * (this.#suspects.at(-1) ?? this.#lastOff)) / (noise * Math.sqrt(1 - linger * linger) * unsure);
    // One sample far off is an outlier; it takes a second one to make a change.
    const evidence = Math.max(-mostEvidence, Math.min(mostEvidence, score));
    this.#up = Math.max(0, this.#up + evidence - this.#drift);
    this.#down = Math.max(0, this.#down - evidence - this.#drift);
    this.#upSince = this.#up > 0 ? [...this.#upSince, value] : [];
    this.#downSince = this.#down > 0 ? [...this.#downSince, value] : [];
    if (this.#up > this.#threshold) return this.#change(this.#upSince);
    if (this.#down > this.#threshold) return this.#change(this.#downSince);
    this.#suspects.push(Math.max(-mostNoise * noise, Math.min(mostNoise * noise, off)));
    const cleared = this.#up === 0 && this.#down === 0 ? this.#suspects.length : this.#suspects.length - mostSuspects;
    if (cleared > 0) for (const noisy of this.#suspects.splice(0, cleared)) this.#learn(noisy);
    return null;
  }

  /** From every sample, as far as it can be noise: leaving out the unlikely ones would make the noise look too small. */
  #learn(off: number): void {
    this.#phaseSamples++;
    this.#mean += Math.max(memory, 1 / this.#phaseSamples) * off;
    this.#spread(off);
  }

  #spread(off: number): void {
    this.#variance = Math.max((1 - memory) * this.#variance + memory * off * off, this.#leastNoise ** 2);
    this.#pairs++;
    this.#covariance += Math.max(memory, 1 / this.#pairs) * (off * this.#lastOff - this.#covariance);
    this.#lastOff = off;
  }

  /** Takes level and noise from the first samples, or from those after a change among them. */
  #settle(first: readonly number[]): PhaseChange | null {
    this.#first = null;
    const parts = splitInTwo(first, this.#leastNoise);
    const present = parts?.[1] ?? first;
    this.#begin(present);
    // 1.4826 times the median deviation is the standard deviation of normal noise; so few samples tell little of it.
    const deviations = (parts ?? [first]).flatMap((part) => part.map((value) => Math.abs(value - median(part))));
    this.#variance = Math.max(2 * (1.4826 * median(deviations)) ** 2, this.#leastNoise ** 2);
    if (parts === null) return null;
    return { at: this.#samples - present.length, before: Math.exp(median(parts[0])), after: Math.exp(median(present)) };
  }

  /** Null where the level has only drifted: it is followed, but that is no new phase. */
  #change(evidence: readonly number[]): PhaseChange | null {
    const before = this.level;
    const since = fromLikeliestBegin(evidence, this.#mean);
    const isDrift = Math.abs(median(since) - this.#mean) < Math.log(leastFactor);
    const suspects = this.#suspects;
    this.#begin(since);
    if (isDrift) {
      for (const off of suspects) this.#spread(off);
      return null;
    }
    return { at: this.#samples - since.length, before, after: this.level };
  }

  #begin(values: readonly number[]): void {
    this.#mean = median(values);
    this.#phaseSamples = values.length;
    this.#lastOff = 0;
    this.#suspects = [];
    this.#up = 0;
    this.#down = 0;
    this.#upSince = [];
    this.#downSince = [];
  }
}

/** The two parts of which some values consist, each of one level; null if they are one. */
function splitInTwo(values: readonly number[], leastNoise: number): readonly [number[], number[]] | null {
  let best: { readonly parts: readonly [number[], number[]]; readonly errors: number } | null = null;
  for (let at = 1; at < values.length; at++) {
    const parts = [values.slice(0, at), values.slice(at)] as const;
    const [before, after] = parts.map(mean) as [number, number];
    const squares = parts.reduce(
      (sum, part) => sum + part.reduce((within, value) => within + (value - mean(part)) ** 2, 0),
      0,
    );
    const noise = Math.max(Math.sqrt(squares / (values.length - 2)), leastNoise);
    const errors = Math.abs(after - before) / (noise * Math.sqrt(1 / at + 1 / (values.length - at)));
    if (Math.abs(after - before) < Math.log(leastFactor) || errors < leastFirstErrors) continue;
    if (best === null || errors > best.errors) best = { parts: [...parts] as [number[], number[]], errors };
  }
  return best?.parts ?? null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The values from the one at which a new mean began most likely: small evidence adds up too, and may have begun to before
 * the change. Where n values are off by s in all, s²/n is the logarithm of the likelihood, but for a factor.
 */
function fromLikeliestBegin(values: readonly number[], mean: number): number[] {
  let sum = 0;
  let begin = 0;
  let best = 0;
  for (let at = values.length - 1; at >= 0; at--) {
    sum += values[at]! - mean;
    const likelihood = (sum * sum) / (values.length - at);
    if (likelihood <= best) continue;
    best = likelihood;
    begin = at;
  }
  return values.slice(begin);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
