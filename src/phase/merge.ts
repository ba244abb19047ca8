import { requireInteger, requireList, requireObject, requirePositive } from '../model/check.ts';

/** A stretch of a series that keeps its level: samples `from` (included) to `to` (not included). */
export interface Phase {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
}

export interface MergeOptions {
  /** Samples of a spline before any are merged; at least 1. Default 3. */
  readonly splineSamples?: number;
  /** Neighbours whose means differ by less than this share of the larger are one phase; above 0. Default 0.3. */
  readonly threshold?: number;
}

/**
 * Divides a recorded series into phases as the paper does (§3.4): into short splines of even length, of which two
 * neighbours are merged as long as their difference is below a threshold, the most alike first. A spline that differs
 * from both of its neighbours while these are alike is a pulse and joins them.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the option that is out of its range.
 */
export function mergeIntoPhases(samples: readonly number[], options: MergeOptions = {}): Phase[] {
  requireList('samples', samples);
  requireObject('options', options);
  const { splineSamples = 3, threshold = 0.3 } = options;
  requireInteger('splineSamples', splineSamples, 1, 1e6);
  requirePositive('threshold', threshold);
  const phases: Phase[] = [];
  for (let from = 0; from < samples.length; from += splineSamples) {
    const to = Math.min(from + splineSamples, samples.length);
    phases.push({ from, to, mean: mean(samples, from, to) });
  }
  for (;;) {
    const nearest = leastDifference(phases);
    if (nearest < 0 || difference(phases[nearest]!, phases[nearest + 1]!) >= threshold) {
      const pulse = findPulse(phases, splineSamples, threshold);
      if (pulse < 0) return phases;
      merge(phases, pulse - 1, 3, samples);
    } else {
      merge(phases, nearest, 2, samples);
    }
  }
}

function merge(phases: Phase[], first: number, count: number, samples: readonly number[]): void {
  const { from } = phases[first]!;
  const { to } = phases[first + count - 1]!;
  phases.splice(first, count, { from, to, mean: mean(samples, from, to) });
}

function leastDifference(phases: readonly Phase[]): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < phases.length; i++) {
    const apart = difference(phases[i]!, phases[i + 1]!);
    if (apart >= least) continue;
    best = i;
    least = apart;
  }
  return best;
}

/** A single spline between two longer phases that are alike; -1 if there is none. */
function findPulse(phases: readonly Phase[], splineSamples: number, threshold: number): number {
  return phases.findIndex((phase, index) => {
    const before = phases[index - 1];
    const after = phases[index + 1];
    if (!before || !after || phase.to - phase.from > splineSamples) return false;
    return difference(before, after) < threshold;
  });
}

function difference(a: Phase, b: Phase): number {
  const larger = Math.max(a.mean, b.mean);
  return larger > 0 ? Math.abs(a.mean - b.mean) / larger : 0;
}

function mean(samples: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i]!;
  return sum / (to - from);
}
