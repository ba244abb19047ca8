import { describe, expect, it } from 'vitest';
import { findLevels } from '../../../src/measure/levels.ts';
import { fitLoad } from '../../../src/measure/load-fit.ts';
import type { Recording } from '../../../src/measure/recording.ts';
import { seededRandom } from '../../../src/random.ts';

const windowSeconds = 0.25;

/** What a guest of two parts that works at these levels shows, each count off by a per cent or so. */
function recordingOf(
  parts: readonly (readonly [pages: number, writes: number])[],
  levels: readonly number[],
): Recording {
  const random = seededRandom(7);
  const until = [0];
  for (const level of levels) until.push(until.at(-1)! + level * windowSeconds);
  const dirty = (worked: number) => {
    const pages = parts.reduce((sum, [size, writes]) => sum - size * Math.expm1((-writes * worked) / size), 0);
    return Math.round(pages * (0.99 + 0.02 * random()));
  };
  const stretches = [2, 4, 8, 16, 32, 64].flatMap((length) =>
    Array.from({ length: Math.floor(levels.length / length) }, (_, index) => {
      const [from, to] = [index * length, (index + 1) * length];
      return { from, to, dirtyPages: dirty(until[to]! - until[from]!) };
    }),
  );
  const windows = levels.map((level) => ({
    seconds: windowSeconds,
    points: [1 / 8, 1 / 4, 1 / 2, 1].map((share) => ({
      seconds: share * windowSeconds,
      dirtyPages: dirty(level * share * windowSeconds),
    })),
  }));
  return { windows, stretches };
}

const square = (count: number, high: number, low: number, [up, down]: readonly [number, number]) =>
  Array.from({ length: count }, (_, index) => (index % (up + down) < up ? high : low));

describe('the load that fits a recording', () => {
  it('has the hot and the cold part of a guest that works steadily', () => {
    const parts = [
      [512, 2000],
      [5600, 400],
    ] as const;
    const { hot, cold, levels } = fitLoad(recordingOf(parts, square(120, 1, 1, [1, 1])), 16_384);
    expect(levels.kind).toBe('steady');
    expect(hot.pages / 512).toBeCloseTo(1, 1);
    expect(hot.writesPerSecond / 2000).toBeCloseTo(1, 1);
    expect(cold.writesPerSecond / 400).toBeCloseTo(1, 1);
    expect(cold.pages).toBeGreaterThan(0.8 * 5600);
  });

  it('has the parts of a guest that alternates at its high level, with its period and its duty', () => {
    const parts = [
      [1024, 3000],
      [3000, 300],
    ] as const;
    const { hot, cold, levels } = fitLoad(recordingOf(parts, square(120, 1, 0.2, [8, 16])), 16_384);
    if (levels.kind !== 'on-off') throw new Error(`taken for ${levels.kind}`);
    expect(levels.low).toBeCloseTo(0.2, 1);
    expect(levels.duty).toBeCloseTo(1 / 3, 1);
    expect(levels.periodSeconds).toBeCloseTo(6, 1);
    expect(hot.writesPerSecond / 3000).toBeCloseTo(1, 1);
    expect(cold.writesPerSecond / 300).toBeCloseTo(1, 0);
  });

  it('has one part where all is written alike, and none where nothing is', () => {
    const alike = fitLoad(recordingOf([[2000, 1500]], square(60, 1, 1, [1, 1])), 16_384);
    expect(alike.hot.pages).toBe(0);
    expect(alike.cold.pages / 2000).toBeCloseTo(1, 1);
    const still = fitLoad(recordingOf([], square(8, 1, 1, [1, 1])), 16_384);
    expect(still).toMatchObject({ hot: { pages: 0 }, cold: { pages: 0 }, levels: { kind: 'idle' } });
  });

  it('never has more than the memory', () => {
    const { hot, cold } = fitLoad(recordingOf([[50_000, 5000]], square(20, 1, 1, [1, 1])), 4096);
    expect(hot.pages + cold.pages).toBeLessThanOrEqual(4096 * (1 + 1e-9));
  });
});

describe('the levels found in a series', () => {
  const series = (levels: readonly number[]) => levels.map((level) => ({ seconds: windowSeconds, level }));

  it('are a trace where they rise and fall without a pattern of two', () => {
    const found = findLevels(series(Array.from({ length: 96 }, (_, at) => 1 + 0.8 * Math.sin(at / 8))));
    if (found.kind !== 'trace') throw new Error(`taken for ${found.kind}`);
    expect(found.levels.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(24, 6);
    expect(Math.max(...found.levels.map(({ level }) => level))).toBeLessThanOrEqual(1);
    expect(found.levels.length).toBeLessThan(48);
  });

  it('are one where they only differ by noise', () => {
    const random = seededRandom(3);
    expect(findLevels(series(Array.from({ length: 96 }, () => 0.9 + 0.2 * random()))).kind).toBe('steady');
  });

  it('alternate although a busy host has cut one stretch in two', () => {
    const levels = square(120, 1, 0.2, [10, 10]);
    levels[24] = 0.3;
    levels[25] = 0.25;
    expect(findLevels(series(levels)).kind).toBe('on-off');
  });
});
