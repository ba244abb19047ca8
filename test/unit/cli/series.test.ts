import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { showSeries } from '../../../src/cli/render/series.ts';
import { FakeHost } from './fake-host.ts';

async function* numbers(...values: number[]): AsyncGenerator<number> {
  yield* values;
}

function series(source: AsyncIterable<number>, signal = new AbortController().signal) {
  return { source, signal, value: (one: number) => one, line: (one: number) => `${one} pages` };
}

describe('showSeries', () => {
  it('prints a line per item on stdout where a program reads it', async () => {
    const host = new FakeHost();
    expect(await showSeries(new Cli(host), series(numbers(1, 2)))).toEqual([1, 2]);
    expect(host.stdout.lines).toEqual(['1 pages', '2 pages']);
    expect(host.stderr.text).toBe('');
  });

  it('redraws a chart on a terminal and leaves it standing at the end', async () => {
    const host = new FakeHost({ terminal: true });
    await showSeries(new Cli(host), series(numbers(1, 8)));
    expect(host.stderr.text).toContain('8 pages');
    expect(host.stderr.text.endsWith(`\x1b[7F${'\x1b[K\n'.repeat(7)}\x1b[7F`)).toBe(true);
    expect(host.stdout.lines).toEqual([' █', ' █', ' █', ' █', ' █', '▆█']);
  });

  it('draws on the terminal and prints lines too where only stdout is read by a program', async () => {
    const host = new FakeHost({ terminal: true, piped: true });
    await showSeries(new Cli(host), series(numbers(5)));
    expect(host.stdout.lines).toEqual(['5 pages']);
    expect(host.stderr.text).toContain('█');
  });

  it('takes being stopped as an end, and anything else as the failure it is', async () => {
    const stop = new AbortController();
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    }
    await expect(showSeries(new Cli(new FakeHost()), series(broken(), stop.signal))).rejects.toThrow('broken');
    stop.abort();
    expect(await showSeries(new Cli(new FakeHost()), series(broken(), stop.signal))).toEqual([1]);
  });
});
