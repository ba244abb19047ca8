import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import { messageTimes } from '../../../src/simulate/message-times.ts';

describe('messageTimes', () => {
  it('is the latency where nothing is lost', () => {
    const next = messageTimes(0.02, 0, seededRandom(1));
    expect(Array.from({ length: 100 }, next)).toEqual(new Array(100).fill(0.02));
  });

  it('adds a time-out of 200 ms and the way there and back for a loss, and twice as much for each further one', () => {
    const draws = [0.4, 0.4, 0.4, 0.9, 0.9];
    const next = messageTimes(0.05, 0.5, () => draws.shift()!);
    expect(next()).toBeCloseTo(0.05 + 0.3 + 0.6 + 1.2, 12);
    expect(next()).toBe(0.05);
  });

  it('loses the share that it is told to lose', () => {
    const next = messageTimes(0, 0.3, seededRandom(7));
    const late = Array.from({ length: 10_000 }, next).filter((seconds) => seconds > 0).length;
    expect(late).toBeGreaterThan(2900);
    expect(late).toBeLessThan(3100);
  });
});
