import { describe, expect, it } from 'vitest';
import { Printer } from '../../../src/cli/printer.ts';
import type { Sink } from '../../../src/cli/sink.ts';

/** Takes `room` bytes and no more, until it is given more room. */
class Narrow implements Sink {
  text = '';
  room: number;
  failure: string | null = null;

  constructor(room: number) {
    this.room = room;
  }

  write(bytes: Uint8Array): number {
    if (this.failure !== null) throw Object.assign(new Error(this.failure), { code: this.failure });
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    this.text += Buffer.from(bytes.subarray(0, taken)).toString('latin1');
    return taken;
  }
}

const size = () => ({ columns: 40, rows: 10 });

describe('a printer', () => {
  it('takes everything at once from whoever prints, and hands it on as it is taken, in order', async () => {
    const sink = new Narrow(3);
    const printer = new Printer(sink);
    printer.print('first', 'result');
    printer.print('second', 'note');
    expect(sink.text).toBe('fir');
    sink.room = 100;
    await printer.finish(Number.POSITIVE_INFINITY);
    expect(sink.text).toBe('first\nsecond\n');
    expect(printer.lost).toEqual({ result: 0, note: 0, progress: 0 });
  });

  it('keeps a bounded amount for a reader who does not read: the newest notes, the oldest results', async () => {
    const sink = new Narrow(0);
    const printer = new Printer(sink);
    const line = 'x'.repeat(999);
    printer.print('', 'note'); // is on its way from now on
    for (let at = 0; at < 1000; at++) printer.print(`${line}${at}`, 'progress');
    for (let at = 0; at < 1000; at++) printer.print(`${line}${at}`, 'note');
    const large = 'y'.repeat(2 ** 20);
    for (let at = 0; at < 40; at++) printer.print(`${large}${at}`, 'result');
    sink.room = Number.POSITIVE_INFINITY;
    await printer.finish(Number.POSITIVE_INFINITY);
    const kept = sink.text.split('\n');
    expect(kept.length).toBeLessThan(500);
    expect(kept).toContain(`${line}999`);
    expect(kept).not.toContain(`${line}100`);
    expect(kept).toContain(`${large}0`);
    expect(kept).not.toContain(`${large}39`);
    const { result, note, progress } = printer.lost;
    expect(kept[1]).toBe(`… ${result + note + progress} lines not printed …`.replace(/…/g, '\u00e2\u0080\u00a6'));
    expect(kept.length - 3).toBe(2040 - result - note - progress);
    expect(progress).toBeGreaterThan(note);
  });

  it('says nothing of what was lost where a program reads', async () => {
    const sink = new Narrow(0);
    const printer = new Printer(sink, { tellsLoss: false });
    for (let at = 0; at < 40; at++) printer.print('{}'.repeat(2 ** 19), 'result');
    sink.room = Number.POSITIVE_INFINITY;
    await printer.finish(Number.POSITIVE_INFINITY);
    for (const line of sink.text.trim().split('\n')) expect(line).toMatch(/^(\{\})+$/);
    expect(printer.lost.result).toBeGreaterThan(0);
  });

  it('gives up a reader who takes nothing for the time given, and ends', async () => {
    const printer = new Printer(new Narrow(3));
    printer.print('result', 'result');
    await printer.finish(20);
    expect(printer.lost.result).toBe(1);
    expect(printer.broken.aborted).toBe(true);
    printer.print('more', 'result');
    await printer.finish(20);
    expect(printer.lost.result).toBe(2);
  });

  it('goes on after a full disk, on a line of its own, and is over once the reader has gone', async () => {
    const sink = new Narrow(3);
    const printer = new Printer(sink);
    printer.print('first', 'note');
    sink.failure = 'ENOSPC';
    await printer.finish(1000);
    expect(printer.lost.note).toBe(1);
    expect(printer.broken.aborted).toBe(false);
    sink.failure = null;
    sink.room = 100;
    printer.print('second', 'note');
    expect(sink.text.replace(/^.*not printed.*\n/m, '')).toBe('fir\nsecond\n');
    sink.failure = 'EPIPE';
    printer.print('third', 'note');
    expect(printer.broken.aborted).toBe(true);
    expect(printer.failure?.code).toBe('EPIPE');
  });

  it('waits for a sink that takes its time, and survives one that rejects', async () => {
    const chunks: string[] = [];
    const printer = new Printer({
      async write(bytes) {
        await new Promise((resolve) => setImmediate(resolve));
        chunks.push(Buffer.from(bytes).toString());
        if (chunks.length === 2) throw Object.assign(new Error('no'), { code: 'ENOSPC' });
        return bytes.length;
      },
    });
    printer.print('one', 'note');
    printer.print('two', 'note');
    printer.print('three', 'note');
    await printer.finish(1000);
    expect(chunks).toEqual(['one\n', 'two\nthree\n']);
    expect(printer.lost.note).toBe(2);
  });
});

describe('the region that a printer redraws', () => {
  it('is drawn over itself, stands under what is printed, and goes without a trace', () => {
    const sink = new Narrow(Number.POSITIVE_INFINITY);
    const printer = new Printer(sink, { size });
    printer.draw(['one', 'two']);
    expect(sink.text).toBe('\x1b[Kone\n\x1b[Ktwo\n');
    sink.text = '';
    printer.draw(['three']);
    expect(sink.text).toBe('\x1b[2F\x1b[Kthree\n\x1b[K\n\x1b[1F');
    sink.text = '';
    printer.print('decided', 'note');
    expect(sink.text).toBe('\x1b[1F\x1b[K\n\x1b[1Fdecided\n\x1b[Kthree\n');
    sink.text = '';
    printer.draw([]);
    printer.draw([]);
    expect(sink.text).toBe('\x1b[1F\x1b[K\n\x1b[1F');
  });

  it('goes back over the rows that its lines take after the terminal has become narrower', () => {
    const sink = new Narrow(Number.POSITIVE_INFINITY);
    let columns = 40;
    const printer = new Printer(sink, { size: () => ({ columns, rows: 10 }) });
    printer.draw(['x'.repeat(39), '\x1b[2mshort\x1b[22m']);
    columns = 20;
    sink.text = '';
    printer.draw(['y']);
    expect(sink.text).toBe('\x1b[3F\x1b[Ky\n\x1b[K\n\x1b[K\n\x1b[2F');
  });

  it('keeps nobody waiting once the terminal is gone', async () => {
    const sink = new Narrow(Number.POSITIVE_INFINITY);
    const printer = new Printer(sink, { size });
    printer.draw(['one']);
    sink.failure = 'EIO';
    printer.draw(['two']);
    printer.draw(['three']);
    await printer.finish(Number.POSITIVE_INFINITY);
    expect(printer.broken.aborted).toBe(true);
  });

  it('is only ever the newest one where the terminal takes nothing', async () => {
    const sink = new Narrow(0);
    const printer = new Printer(sink, { size });
    for (let frame = 0; frame < 1000; frame++) printer.draw([`frame ${frame}`, 'x'.repeat(30)]);
    sink.room = Number.POSITIVE_INFINITY;
    await printer.finish(1000);
    expect(sink.text).not.toContain('frame 500');
    expect(sink.text.length).toBeLessThan(200);
  });
});
