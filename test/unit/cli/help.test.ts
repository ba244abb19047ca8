import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { run } from '../../../src/cli/program.ts';
import { FakeHost } from './fake-host.ts';

const verbs =
  'demo doctor start list measure wws plan group simulate schema receive preflight migrate resume destroy sweep'.split(
    ' ',
  );

async function help(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const host = new FakeHost();
  const code = await run(args, host);
  return { code, out: host.stdout.text, err: host.stderr.text };
}

describe('help', () => {
  it('of the program begins with what it is and examples, and names every verb', async () => {
    const { code, out, err } = await help('--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Moves the domains of a tiered application together\.\n\nExamples:\n {2}\$ vmbuddies demo/);
    for (const verb of verbs) expect(out).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
  });

  it('is what no verb at all gets, as bad usage', async () => {
    const { code, out, err } = await help();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('$ vmbuddies demo');
  });

  it.each(verbs)('of %s begins with examples of it and shows the global options', async (verb) => {
    const { code, out } = await help(verb, '--help');
    expect(code).toBe(0);
    expect(out.startsWith(`Examples:\n  $ vmbuddies ${verb}`)).toBe(true);
    expect(out).toContain('--registry <dir>');
    expect(out).toContain('--no-color');
  });

  it.each(verbs)('of %s is the same through -h and "help"', async (verb) => {
    const { out } = await help(verb, '--help');
    expect((await help(verb, '-h')).out).toBe(out);
    expect((await help('help', verb)).out).toBe(out);
  });

  it('states defaults with their units', async () => {
    expect((await help('measure', '-h')).out).toMatch(/--window <time>\s+length of a window \(default: 1s\)/);
    expect((await help('wws', '-h')).out).toMatch(/settled or not \(default:\s+1min\)/);
    const start = (await help('start', '-h')).out;
    expect(start).toMatch(/--memory <size>\s+memory of each \(default: 256MiB\)/);
    expect(start).toMatch(/--cold-writes <n\/s>[^)]*\(default:\s+500\/s\)/);
    expect((await help('demo', '-h')).out).toMatch(/one after another \(default:\s+ns,turns\)/);
  });

  it('explains every strategy where one can be chosen', async () => {
    for (const verb of ['migrate', 'demo', 'plan']) {
      const { out } = await help(verb, '-h');
      for (const name of ['ns', 'mo', 'lll', 'lll+mo', 'oba', 'oba+mo', 'equal', 'turns']) {
        expect(out.slice(out.indexOf('Strategies:'))).toMatch(new RegExp(`^ {2}${name.replace('+', '\\+')} +\\S`, 'm'));
      }
    }
  });

  it('of migrate says what every exit code means for the guests', async () => {
    const { out } = await help('migrate', '-h');
    const lines = out.slice(out.indexOf('Exit codes:')).split('\n').slice(1);
    const listed = lines.flatMap((line) => /^ {2}(\d[\d, ]*) {2}/.exec(line)?.[1]?.match(/\d+/g) ?? []).map(Number);
    expect(listed.toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
  });

  it('has the version of the package', async () => {
    const { default: manifest } = await import('../../../package.json', { with: { type: 'json' } });
    expect(await help('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });
});
