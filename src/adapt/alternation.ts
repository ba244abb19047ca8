import { requireObjects } from '../model/check.ts';
import { meanOf, type Stretch } from './stretch.ts';

/** One of the two levels of an on-off workload. */
export interface AlternatingLevel {
  readonly mean: number;
  /** How long it lasts each time, and by how much that differs (standard deviation). */
  readonly seconds: number;
  readonly spreadSeconds: number;
  /** How often it has come and gone. */
  readonly times: number;
}

/** An on-off workload (§3.4, Fig. 6a): two levels that take turns, each for about the same time whenever it comes. */
export interface Alternation {
  readonly present: AlternatingLevel;
  readonly other: AlternatingLevel;
}

/** Levels nearer to each other than by this factor are not told apart. */
const leastRatio = 1.3;
/** A stretch belongs to a level if it is off its mean by no more than this share of the gap between the two. */
const levelTolerance = 0.3;
/** The lengths of a level's stretches differ by no more than this share of their mean (standard deviation). */
const lengthTolerance = 0.5;
/** The first stretch was cut by the beginning and the last still runs; so many between them make a pattern. */
const leastComplete = 3;

/**
 * Looks whether phases, oldest first, alternate between two levels; null if they do not. The last one is the one that is
 * under way. Neighbours on the same side of the middle are taken as one: a change was seen that was none.
 */
export function findAlternation(phases: readonly Stretch[]): Alternation | null {
  requireObjects('phases', phases);
  const turns = takeTurns(phases);
  if (turns.length < leastComplete + 2) return null;
  const isPresent = (index: number) => (turns.length - 1 - index) % 2 === 0;
  const present = levelOf(turns, isPresent);
  const other = levelOf(turns, (index) => !isPresent(index));
  const gap = Math.abs(present.mean - other.mean);
  if (gap < (leastRatio - 1) * Math.min(present.mean, other.mean)) return null;
  const fits = turns.every(({ mean }, index) => {
    const level = isPresent(index) ? present : other;
    return Math.abs(mean - level.mean) <= levelTolerance * gap;
  });
  const regular = [present, other].every(({ seconds, spreadSeconds }) => spreadSeconds <= lengthTolerance * seconds);
  return fits && regular ? { present, other } : null;
}

function takeTurns(phases: readonly Stretch[]): Stretch[] {
  const means = phases.map(({ mean }) => mean);
  const middle = (Math.max(...means) + Math.min(...means)) / 2;
  const turns: Stretch[] = [];
  for (const phase of phases) {
    const last = turns.at(-1);
    if (!last || last.mean > middle !== phase.mean > middle) turns.push(phase);
    else turns.splice(-1, 1, { seconds: last.seconds + phase.seconds, mean: meanOf([last, phase]) });
  }
  return turns;
}

function levelOf(turns: readonly Stretch[], belongs: (index: number) => boolean): AlternatingLevel {
  const all = turns.filter((_, index) => belongs(index));
  const complete = turns.filter((_, index) => belongs(index) && index > 0 && index < turns.length - 1);
  const seconds = complete.reduce((sum, turn) => sum + turn.seconds, 0) / complete.length;
  const squares = complete.reduce((sum, turn) => sum + (turn.seconds - seconds) ** 2, 0);
  return { mean: meanOf(all), seconds, spreadSeconds: Math.sqrt(squares / complete.length), times: complete.length };
}
