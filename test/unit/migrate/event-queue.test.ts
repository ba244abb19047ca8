import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../src/migrate/event-queue.ts';

async function take<T>(events: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const event of events) taken.push(event);
  return taken;
}

describe('EventQueue', () => {
  it('gives a late reader everything from the first event on', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    queue.push(2);
    queue.end();
    expect(await take(queue)).toEqual([1, 2]);
    expect(await take(queue)).toEqual([1, 2]);
  });

  it('wakes every waiting reader', async () => {
    const queue = new EventQueue<number>();
    const readers = [take(queue), take(queue)];
    queue.push(7);
    queue.end();
    expect(await Promise.all(readers)).toEqual([[7], [7]]);
  });

  it('lets a reader leave early', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    for await (const event of queue) {
      expect(event).toBe(1);
      break;
    }
    queue.push(2);
    queue.end();
    expect(await take(queue)).toEqual([1, 2]);
  });

  it('keeps the latest events when nobody takes them, counts the others, and never loses the last one', async () => {
    const queue = new EventQueue<number>();
    const reader = queue[Symbol.asyncIterator]();
    queue.push(0);
    expect((await reader.next()).value).toBe(0);
    for (let event = 1; event < 100_000; event++) queue.push(event);
    queue.end();
    const late = await take(queue);
    expect(late.at(-1)).toBe(99_999);
    expect(late.length).toBeLessThanOrEqual(20_000);
    expect(late.length + queue.dropped).toBe(100_000);
    expect(late).toEqual(late.map((_, index) => queue.dropped + index));
    expect((await reader.next()).value).toBe(queue.dropped);
  });
});
