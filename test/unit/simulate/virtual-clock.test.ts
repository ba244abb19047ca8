import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/simulate/virtual-clock.ts';

describe('VirtualClock', () => {
  it('carries actions out in the order of their times, and those of one time in the order of planning', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const note = (seconds: number, name: string) => clock.after(seconds, () => order.push(`${name} at ${clock.now}`));
    for (const [seconds, name] of [
      [3, 'd'],
      [1, 'a'],
      [2, 'b'],
      [2, 'c'],
    ] as const)
      note(seconds, name);
    await clock.run(clock.sleep(4));
    expect(order).toEqual(['a at 1', 'b at 2', 'c at 2', 'd at 3']);
    expect(clock.now).toBe(4);
  });

  it('lets everything that is ready run to its end before time goes on', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const work = (async () => {
      for (let step = 0; step < 3; step++) {
        await clock.sleep(1);
        for (let turn = 0; turn < 100; turn++) await null;
        seen.push(clock.now);
      }
    })();
    clock.after(1.5, () => {});
    await clock.run(work);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('does not carry out what was cancelled', async () => {
    const clock = new VirtualClock();
    let done = false;
    const timer = clock.after(1, () => {
      done = true;
    });
    timer.cancel();
    timer.cancel();
    await clock.run(clock.sleep(2));
    expect(done).toBe(false);
  });

  it('says so when nothing is planned and the work can never end', async () => {
    const clock = new VirtualClock();
    await expect(clock.run(clock.sleep(1).then(() => new Promise(() => {})))).rejects.toThrow(
      'the simulation stands still at 1 s',
    );
  });

  it('ends a pause with the reason of its signal', async () => {
    const clock = new VirtualClock();
    const cancel = new AbortController();
    const pause = clock.pause(10_000, cancel.signal);
    clock.after(1, () => cancel.abort(new Error('enough')));
    await expect(clock.run(pause)).rejects.toThrow('enough');
    expect(clock.now).toBe(1);
    await expect(clock.pause(1, cancel.signal)).rejects.toThrow('enough');
  });

  it('ends with the error it is stopped with', async () => {
    const clock = new VirtualClock();
    clock.after(1, () => clock.stop(new Error('first')));
    clock.after(1, () => clock.stop(new Error('second')));
    await expect(clock.run(clock.sleep(2))).rejects.toThrow('first');
  });

  it('lets the rest of the process have its turn in a long run', async () => {
    const clock = new VirtualClock();
    let turns = 0;
    const turn = () => {
      turns++;
      if (turns < 5) setImmediate(turn);
    };
    setImmediate(turn);
    await clock.run(
      (async () => {
        for (let step = 0; step < 10_000; step++) await clock.sleep(1);
      })(),
    );
    expect(turns).toBe(5);
  });
});
