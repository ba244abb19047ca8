import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { interruptible } from '../../../src/cli/interrupt.ts';
import { FakeHost } from './fake-host.ts';

describe('interruptible', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
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

  it('listens no longer than the work lasts, however that ends', async () => {
    const host = new FakeHost();
    const failing = interruptible(new Cli(host), '', async () => {
      expect(host.listening).toBe(true);
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(host.listening).toBe(false);
  });

  it('leaves the exit code alone when nobody interrupts', async () => {
    const cli = new Cli(new FakeHost());
    expect(await interruptible(cli, '', async () => 'done')).toBe('done');
    expect(cli.exitCode).toBe(0);
  });
});
