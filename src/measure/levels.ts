import type { LevelStep } from '../domains/info.ts';

/** The levels a guest works at. `peak` is the level, in those that were given, that counts as 1 here. */
export type FoundLevels =
  | { readonly kind: 'idle' }
  | { readonly kind: 'steady'; readonly peak: number; readonly noise: number }
  | {
      readonly kind: 'on-off';
      readonly peak: number;
      readonly noise: number;
      readonly low: number;
      readonly periodSeconds: number;
      /** The share of a period that is at the high level. */
      readonly duty: number;
      /** Where in the period, which begins with the high level, it was at the end. */
      readonly phase: number;
    }
  | { readonly kind: 'trace'; readonly peak: number; readonly noise: number; readonly levels: readonly LevelStep[] };

/** Levels nearer to each other than by this share of the higher are taken for one. */
const leastGap = 0.25;
/** Two levels explain a series if they leave no more than this share of its variance. */
const unexplained = 0.3;
/** A high or low stretch lasts about as long each time: the standard deviation of its lengths, as a share of their mean. */
const irregular = 0.25;
/** The first stretch was cut by the beginning and the last by the end; so many between them make a pattern. */
const leastComplete = 3;
/** A stretch shorter than this share of the median may be no stretch of its own. */
const shortRun = 0.35;
/** A level that differs from second to second by more than this is no steady one. */
const steadySpread = 0.15;
/** Of a trace: neighbours this near, as a share of the peak, are one step; and no step is shorter. */
const sameStep = 0.05;
const stepSeconds = 0.5;
const noiseSeconds = 1;

/** Tells a steady guest from one that alternates, and records any other. */
export function findLevels(steps: readonly LevelStep[]): FoundLevels {
  const second = regroup(steps, noiseSeconds);
  const mean = meanOf(steps);
  if (mean === 0) return { kind: 'idle' };
  const alternation = findOnOff(steps);
  if (alternation) return alternation;
  const noise = spreadOf(second, () => mean);
  if (noise <= steadySpread) return { kind: 'steady', peak: mean, noise: within(noise) };
  const coarse = regroup(steps, stepSeconds);
  const peak = Math.max(...coarse.map(({ level }) => level));
  const levels: LevelStep[] = [];
  for (const { seconds, level } of coarse) {
    const last = levels.at(-1);
    if (last && Math.abs(last.level - level / peak) <= sameStep) {
      const joined = last.seconds + seconds;
      const joinedLevel = (last.level * last.seconds + (level / peak) * seconds) / joined;
      levels.splice(-1, 1, { seconds: joined, level: Math.min(joinedLevel, 1) });
    } else levels.push({ seconds, level: level / peak });
  }
  return { kind: 'trace', peak, noise: 0, levels };
}

function findOnOff(steps: readonly LevelStep[]): Extract<FoundLevels, { kind: 'on-off' }> | null {
  const threshold = split(steps);
  if (threshold === null) return null;
  const seen = runsOf(steps, threshold);
  const runs = [seen, withoutShort(steps, seen)].find(isRegular);
  if (!runs) return null;
  const complete = runs.slice(1, -1);
  const lengths = (high: boolean) => complete.filter((run) => run.high === high).map(({ seconds }) => seconds);
  // The windows in which it switched show neither level.
  const inside = (high: boolean) =>
    complete
      .filter((run) => run.high === high)
      .flatMap((run) => (run.steps.length > 2 ? run.steps.slice(1, -1) : run.steps));
  const [highs, lows] = [inside(true), inside(false)];
  const [peak, low] = [meanOf(highs), meanOf(lows)];
  if (low > (1 - leastGap) * peak) return null;
  // Between switches of one kind lie whole periods.
  const begins = runs.slice(1).filter(({ high }) => high === runs[1]!.high);
  const whole = steps.slice(begins[0]!.at, begins.at(-1)!.at);
  const periods = begins.length - 1;
  const sums = average(lengths(true)) + average(lengths(false));
  const periodSeconds = periods > 0 ? secondsOf(whole) / periods : sums;
  const overall = periods > 0 ? meanOf(whole) : null;
  const duty = overall === null ? average(lengths(true)) / sums : (overall - low) / (peak - low);
  const last = runs.at(-1)!;
  const since = secondsOf(last.steps) / periodSeconds;
  const noise = spreadOf([...regroup(highs, noiseSeconds)], () => peak);
  return {
    kind: 'on-off',
    peak,
    noise: within(noise),
    low: within(low / peak),
    periodSeconds,
    duty: Math.min(Math.max(duty, 0.01), 0.99),
    phase: ((last.high ? 0 : duty) + since) % 1,
  };
}

/** Between the two groups of levels that explain the series best; null if no two do. */
function split(steps: readonly LevelStep[]): number | null {
  const sorted = steps.map(({ level }) => level).toSorted((a, b) => a - b);
  const total = sorted.reduce((sum, level) => sum + level, 0);
  const squares = sorted.reduce((sum, level) => sum + level * level, 0);
  const variance = squares - (total * total) / sorted.length;
  let below = 0;
  let best = { between: 0, threshold: 0 };
  for (let count = 1; count < sorted.length; count++) {
    below += sorted[count - 1]!;
    const [low, high] = [below / count, (total - below) / (sorted.length - count)];
    const between = (count * (sorted.length - count) * (high - low) ** 2) / sorted.length;
    if (between > best.between) best = { between, threshold: (low + high) / 2 };
  }
  return variance > 0 && best.between >= (1 - unexplained) * variance ? best.threshold : null;
}

interface Run {
  readonly high: boolean;
  /** Index of its first step. */
  readonly at: number;
  readonly seconds: number;
  readonly steps: readonly LevelStep[];
}

/** Stretches on one side of the threshold; one step alone between longer ones of the other side is an accident. */
function runsOf(steps: readonly LevelStep[], threshold: number): Run[] {
  const sides = steps.map(({ level }) => level > threshold);
  const steady = sides.map((side, at) => {
    const [twoBefore, before, after, twoAfter] = [sides[at - 2], sides[at - 1], sides[at + 1], sides[at + 2]];
    const alone = before === after && before === twoBefore && after === twoAfter && before !== side;
    return alone ? before! : side;
  });
  const runs: Run[] = [];
  for (let at = 0; at < steps.length; ) {
    let to = at + 1;
    while (to < steps.length && steady[to] === steady[at]) to++;
    const own = steps.slice(at, to);
    runs.push({ high: steady[at]!, at, seconds: secondsOf(own), steps: own });
    at = to;
  }
  return runs;
}

function isRegular(runs: readonly Run[]): boolean {
  if (runs.length < leastComplete + 2) return false;
  return [true, false].every((high) => {
    const lengths = runs.slice(1, -1).flatMap((run) => (run.high === high ? [run.seconds] : []));
    return lengths.length > 0 && deviation(lengths) <= irregular * average(lengths);
  });
}

/** Where a busy host kept a guest from working for a moment, one stretch was taken for three. */
function withoutShort(steps: readonly LevelStep[], runs: readonly Run[]): Run[] {
  const median = runs.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[runs.length >> 1]!;
  const merged: Run[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    const isShort = merged.length > 0 && run !== runs.at(-1) && run.seconds < shortRun * median;
    if (!last || (!isShort && run.high !== last.high)) merged.push(run);
    else {
      const own = steps.slice(last.at, run.at + run.steps.length);
      merged.splice(-1, 1, { ...last, seconds: secondsOf(own), steps: own });
    }
  }
  return merged;
}

/** The same series in steps of at least so many seconds. */
function regroup(steps: readonly LevelStep[], seconds: number): LevelStep[] {
  const groups: LevelStep[] = [];
  let open: LevelStep[] = [];
  for (const step of steps) {
    open.push(step);
    if (secondsOf(open) < seconds * 0.99) continue;
    groups.push({ seconds: secondsOf(open), level: meanOf(open) });
    open = [];
  }
  return groups.length > 0 ? groups : [{ seconds: secondsOf(steps), level: meanOf(steps) }];
}

function spreadOf(steps: readonly LevelStep[], expected: () => number): number {
  if (steps.length < 2) return 0;
  const mean = expected();
  return Math.sqrt(average(steps.map(({ level }) => (level / mean - 1) ** 2)));
}

function secondsOf(steps: readonly LevelStep[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

function meanOf(steps: readonly LevelStep[]): number {
  return steps.reduce((sum, { seconds, level }) => sum + seconds * level, 0) / secondsOf(steps);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
}

function within(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}
