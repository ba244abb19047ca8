import type { LevelStep, SimWorkload } from '../domains/domain.ts';
import { normal, seededRandom } from '../random.ts';

/** How hard a guest works, 0 to 1 of its high level, over its running time. */
export interface WorkloadLevel {
  /** The integral of the level from 0 to `runningSeconds`; it never falls. */
  integral(runningSeconds: number): number;
}

/** The level of native/process/workload.cc in closed form. */
export function workloadLevel(workload: SimWorkload): WorkloadLevel {
  const { kind, lowLevel, phase } = workload;
  const period = workload.periodMs / 1000;
  if (kind === 'idle') return { integral: () => 0 };
  if (kind === 'steady') return { integral: (seconds) => seconds };
  if (kind === 'trace') return traceLevel(workload.levels ?? [], phase);
  const within = kind === 'on-off' ? onOff : waves;
  const upTo = (periods: number) => {
    const whole = Math.floor(periods);
    return (whole * within(1, lowLevel) + within(periods - whole, lowLevel)) * period;
  };
  return { integral: (seconds) => upTo(seconds / period + phase) - upTo(phase) };
}

/** The steps one after another, over and over. */
function traceLevel(steps: readonly LevelStep[], phase: number): WorkloadLevel {
  const begins = [0];
  const upTo = [0];
  for (const [index, { seconds, level }] of steps.entries()) {
    begins.push(begins[index]! + seconds);
    upTo.push(upTo[index]! + seconds * level);
  }
  const total = begins.at(-1)!;
  const since = (seconds: number): number => {
    const whole = Math.floor(seconds / total);
    const within = Math.max(seconds - whole * total, 0);
    const step = Math.min(lastAtMost(begins, within), steps.length - 1);
    return whole * upTo.at(-1)! + upTo[step]! + (within - begins[step]!) * steps[step]!.level;
  };
  return { integral: (seconds) => since(seconds + phase * total) - since(phase * total) };
}

/** Index of the last of these rising numbers that is not above `value`; the first is not. */
function lastAtMost(rising: readonly number[], value: number): number {
  let low = 0;
  let high = rising.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rising[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** High for the first half of a period, low for the second. */
function onOff(position: number, low: number): number {
  return Math.min(position, 0.5) + low * Math.max(position - 0.5, 0);
}

/** From low to high and back, linearly. */
function waves(position: number, low: number): number {
  const height = position < 0.5 ? position * position : 2 * position - position * position - 0.5;
  return low * position + (1 - low) * height;
}

/** So many seconds differ from each other; over more than these, twelve days, what each adds has averaged out. */
const noisySeconds = 2 ** 20;

/** The same level, with each second's work multiplied by a random factor of mean 1 (lognormal). */
export function noisyLevel(level: WorkloadLevel, sigma: number, seed: number): WorkloadLevel {
  if (sigma === 0) return level;
  const random = seededRandom(seed);
  const factors: number[] = [];
  const upTo = [0];
  const second = (index: number): number => {
    while (factors.length <= index) {
      const at = factors.length;
      const factor = Math.exp(sigma * normal(random) - (sigma * sigma) / 2);
      factors.push(factor);
      upTo.push(upTo[at]! + factor * (level.integral(at + 1) - level.integral(at)));
    }
    return factors[index]!;
  };
  return {
    integral: (seconds) => {
      if (seconds >= noisySeconds) {
        second(noisySeconds - 1);
        return upTo[noisySeconds]! + level.integral(seconds) - level.integral(noisySeconds);
      }
      const whole = Math.floor(seconds);
      const factor = second(whole);
      return upTo[whole]! + factor * (level.integral(seconds) - level.integral(whole));
    },
  };
}
