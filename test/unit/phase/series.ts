import { normal, seededRandom } from '../../../src/random.ts';

/**
 * A series of levels, each for so many samples, with lognormal noise of standard deviation `sigma`; `linger` is the
 * correlation of one sample's noise with the next one's.
 */
export function noisySeries(
  levels: readonly (readonly [level: number, samples: number])[],
  sigma: number,
  seed: number,
  linger = 0,
): number[] {
  const random = seededRandom(seed);
  let noise = normal(random);
  const next = () => {
    noise = linger * noise + Math.sqrt(1 - linger * linger) * normal(random);
    return Math.exp(sigma * noise);
  };
  return levels.flatMap(([level, samples]) => Array.from({ length: samples }, () => level * next()));
}

/** High and low in turn, each for `seconds`, beginning with high. */
export function onOff(high: number, low: number, seconds: number, turns: number): (readonly [number, number])[] {
  return Array.from({ length: turns }, (_, turn) => [turn % 2 === 0 ? high : low, seconds] as const);
}
