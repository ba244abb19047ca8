import type { LevelStep } from '../domains/domain.ts';
import { pageBytes } from '../model/load.ts';
import type { PlannedDomain } from './application.ts';

type Workload = PlannedDomain['workload'];

/** A part of the working set whose pages are written equally often. */
export interface WrittenPart {
  readonly bytes: number;
  /** How often each of its pages is written. */
  readonly writesPerSecond: number;
}

/** What a workload's level, 1 at its high one, comes to in the mean. */
export function meanLevel({ kind, lowLevel, levels = [] }: Workload): number {
  if (kind === 'trace') return meanOf(levels);
  return kind === 'on-off' || kind === 'waves' ? (1 + lowLevel) / 2 : 1;
}

function meanOf(levels: readonly LevelStep[]): number {
  const seconds = levels.reduce((sum, step) => sum + step.seconds, 0);
  return levels.reduce((sum, step) => sum + step.level * step.seconds, 0) / seconds;
}

/**
 * The hot part and the rest, as far as they are written at all.
 * @param level how hard the guest works, as a share of its high level
 */
export function writtenParts(workload: Workload, level = meanLevel(workload)): WrittenPart[] {
  const { wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond } = workload;
  const part = (bytes: number, writes: number) => ({ bytes, writesPerSecond: (writes * level * pageBytes) / bytes });
  return [part(hotBytes, hotWritesPerSecond), part(wwsBytes - hotBytes, coldWritesPerSecond)].filter(
    ({ bytes, writesPerSecond }) => bytes > 0 && writesPerSecond > 0,
  );
}

/**
 * Bytes expected to be dirty so many seconds after the log was cleaned. Pages are written at random, so that each part is
 * dirty as D(t) = W (1 - e^(-d t / W)).
 */
export function dirtyBytesAfter(parts: readonly WrittenPart[], seconds: number): number {
  return parts.reduce((sum, { bytes, writesPerSecond }) => sum - bytes * Math.expm1(-writesPerSecond * seconds), 0);
}
