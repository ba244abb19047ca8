import type { Workload } from '../domains/domain.ts';
import { normal, seededRandom } from '../random.ts';

/** How hard a guest works, 0 to 1 of its high level, over its running time. */
export interface WorkloadLevel {
  /** The integral of the level from 0 to `runningSeconds`; it never falls. */
  integral(runningSeconds: number): number;
}

/** The level of native/process/workload.cc in closed form. */
export function workloadLevel(workload: Workload): WorkloadLevel {
  const { kind, lowLevel, phase } = workload;
  const period = workload.periodMs / 1000;
  if (kind === 'idle') return { integral: () => 0 };
  if (kind === 'steady') return { integral: (seconds) => seconds };
  const within = kind === 'on-off' ? onOff : waves;
  const upTo = (periods: number) => {
    const whole = Math.floor(periods);
    return (whole * within(1, lowLevel) + within(periods - whole, lowLevel)) * period;
  };
  return { integral: (seconds) => upTo(seconds / period + phase) - upTo(phase) };
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
      const whole = Math.floor(seconds);
      const factor = second(whole);
      return upTo[whole]! + factor * (level.integral(seconds) - level.integral(whole));
    },
  };
}
