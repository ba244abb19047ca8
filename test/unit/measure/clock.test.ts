import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../../src/measure/clock.ts';

const hour = 3600e3;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('pause', () => {
  it.each([1, 600, 1000, 10_000])(
    'waits for %d h to the millisecond, however many timers that takes',
    async (hours) => {
      const woken = vi.fn();
      void pause(hours * hour, undefined).then(woken);
      await vi.advanceTimersByTimeAsync(hours * hour - 1);
      expect(woken).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(woken).toHaveBeenCalledOnce();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('rejects with the signal’s reason in the second of its timers too, and leaves none behind', async () => {
    const cancel = new AbortController();
    const waiting = expect(pause(1000 * hour, cancel.signal)).rejects.toBe('enough');
    await vi.advanceTimersByTimeAsync(700 * hour);
    cancel.abort('enough');
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});
