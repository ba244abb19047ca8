import type { Workload } from './info.ts';

/** How much more than its working set a guest uses at least: it keeps its books outside. */
const usedPerWws = 1.05;

/**
 * A whole workload of what is given of one, for a guest of so much memory: what is left out is the same for the command
 * and for the library.
 */
export function workloadWithDefaults(given: Partial<Workload>, memoryBytes: number): Workload {
  const { kind = 'idle', seed = 1, lowLevel = 0.5, periodMs = 4000, phase = 0 } = given;
  const wwsBytes = given.wwsBytes ?? (kind === 'idle' ? 0 : 0.4 * memoryBytes);
  const hotBytes = given.hotBytes ?? wwsBytes / 16;
  return {
    kind,
    seed,
    usedBytes: given.usedBytes ?? Math.max(0.6 * memoryBytes, Math.min(usedPerWws * wwsBytes, memoryBytes)),
    wwsBytes,
    hotBytes,
    hotWritesPerSecond: given.hotWritesPerSecond ?? (hotBytes > 0 ? 2000 : 0),
    coldWritesPerSecond: given.coldWritesPerSecond ?? (hotBytes < wwsBytes ? 500 : 0),
    lowLevel,
    periodMs,
    phase,
  };
}
