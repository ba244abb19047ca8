import { requireAtLeast, requireObject, requirePositive } from '../model/check.ts';
/** How sensitive a {@link ChangeDetector} is. The defaults suit dirty rates sampled once a second. */
export interface ChangeDetectorOptions {
  /** Changes smaller than twice this, in standard deviations of the noise, count as noise. Above 0. Default 1. */
  readonly drift?: number;
  /** Evidence beyond the drift that makes an alarm, in standard deviations. Above 0. Default 5. */
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
/** Samples from which level and noise of a new phase are first taken. */
const warmUp = 6;
/** Weight of a new sample in the running level and noise. */
const memory = 0.05;

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
  #first: number[] = [];
  #mean = 0;
  #variance = 0;
  #up = 0;
  #down = 0;
  #upSince: number[] = [];
  #downSince: number[] = [];

  /** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the option that is out of its range. */
  constructor(options: ChangeDetectorOptions = {}) {
    requireObject('options', options);
    const { drift = 1, threshold = 5, leastNoise = 0.08 } = options;
    for (const [name, value] of Object.entries({ drift, threshold, leastNoise })) requirePositive(name, value);
    this.#drift = drift;
    this.#threshold = threshold;
    this.#leastNoise = leastNoise;
  }

  /** The present phase's level, in the samples' unit; 0 before the first sample. */
  get level(): number {
    if (this.#samples === 0) return 0;
    return Math.exp(this.#first.length < warmUp ? median(this.#first) : this.#mean);
  }

  /** The standard deviation of the samples' logarithms within a phase, as far as it is known. */
  get noise(): number {
    return Math.max(Math.sqrt(this.#variance), this.#leastNoise);
  }

  /** Takes the next sample, 0 or more; returns the change it gives away, if it does. */
  add(sample: number): PhaseChange | null {
    requireAtLeast('sample', sample, 0);
    this.#samples++;
    const value = Math.log(Math.max(sample, 1));
    if (this.#first.length < warmUp) {
      this.#first.push(value);
      if (this.#first.length === warmUp) this.#settle();
      return null;
    }
    const noise = Math.sqrt(this.#variance);
    const score = (value - this.#mean) / noise;
    // One sample far off is an outlier; it takes a second one to make a change.
    const evidence = Math.max(-mostEvidence, Math.min(mostEvidence, score));
    this.#up = Math.max(0, this.#up + evidence - this.#drift);
    this.#down = Math.max(0, this.#down - evidence - this.#drift);
    this.#upSince = this.#up > 0 ? [...this.#upSince, value] : [];
    this.#downSince = this.#down > 0 ? [...this.#downSince, value] : [];
    if (this.#up > this.#threshold) return this.#change(this.#upSince);
    if (this.#down > this.#threshold) return this.#change(this.#downSince);
    this.#learn(Math.max(-mostNoise, Math.min(mostNoise, score)) * noise);
    return null;
  }

  /** From every sample, as far as it can be noise: leaving out the unlikely ones would make the noise look too small. */
  #learn(off: number): void {
    this.#mean += memory * off;
    this.#variance = Math.max((1 - memory) * this.#variance + memory * off * off, this.#leastNoise ** 2);
  }

  #settle(): void {
    this.#mean = median(this.#first);
    // 1.4826 times the median deviation is the standard deviation of normal noise.
    const deviation = median(this.#first.map((value) => Math.abs(value - this.#mean)));
    const measured = (1.4826 * deviation) ** 2;
    // Six samples tell little about the noise: what earlier phases showed counts as much.
    const known = this.#variance > 0 ? (measured + this.#variance) / 2 : 2 * measured;
    this.#variance = Math.max(known, this.#leastNoise ** 2);
  }

  #change(evidence: readonly number[]): PhaseChange {
    const before = this.level;
    const since = fromLikeliestBegin(evidence, this.#mean);
    this.#first = since.slice(0, warmUp);
    this.#up = 0;
    this.#down = 0;
    this.#upSince = [];
    this.#downSince = [];
    const after = Math.exp(median(since));
    if (this.#first.length === warmUp) this.#settle();
    return { at: this.#samples - since.length, before, after };
  }
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
