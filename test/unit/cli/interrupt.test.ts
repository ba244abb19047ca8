import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { interruptible } from '../../../src/cli/interrupt.ts';
import { FakeHost } from './fake-host.ts';

describe('interruptible', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('asks to end on the first %s, and ends at once on the second, with %d', async (signal, code) => {
    const host = new FakeHost();
    const cli = new Cli(host);
    await interruptible(cli, 'Giving up.', async (interruption) => {
      expect(interruption.by).toBeNull();
      host.raise(signal);
      expect(interruption.signal.aborted).toBe(true);
      expect(interruption.by).toBe(signal);
      expect(host.stderr.lines).toEqual(['Giving up.']);
      expect(host.exits).toEqual([]);
      host.raise(signal);
      expect(host.exits).toEqual([code]);
    });
    expect(cli.exitCode).toBe(code);
  });

  it('ends with what is true at the second signal, where that is known better than by the signal', async () => {
    const host = new FakeHost();
    const cli = new Cli(host);
    await interruptible(cli, 'Giving up.', async (interruption) => {
      interruption.lastWords = () => 6;
      host.raise('SIGINT');
      host.raise('SIGINT');
    });
    expect(host.exits).toEqual([6]);
  });

  it('ends at the first signal once the work is over, with the exit code that the work has earned', async () => {
    const host = new FakeHost();
    const cli = new Cli(host);
    await interruptible(cli, 'Giving up.', async () => {
      cli.exitCode = 4;
    });
    host.raise('SIGHUP');
    expect(host.exits).toEqual([4]);
    expect(cli.exitCode).toBe(4);
    expect(host.stderr.text).toBe('');
  });

  it('leaves the exit code alone when nobody interrupts', async () => {
    const cli = new Cli(new FakeHost());
    expect(await interruptible(cli, '', async () => 'done')).toBe('done');
    expect(cli.exitCode).toBe(0);
  });
});
