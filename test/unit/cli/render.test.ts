import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { barChart } from '../../../src/cli/render/chart.ts';
import { renderTable as renderLines } from '../../../src/cli/render/table.ts';
import { painted, red } from '../../../src/cli/text.ts';
import { FakeHost } from './fake-host.ts';

/** As it leaves, without colours. */
function renderTable(...given: Parameters<typeof renderLines>): string[] {
  return renderLines(...given).map((line) => painted(line, false));
}

describe('renderTable', () => {
  const columns = [{ title: 'NAME' }, { title: 'SENT', align: 'right' }, { title: 'STATE' }] as const;

  it('puts names to the left and figures to the right', () => {
    const rows = [
      ['web', '1 MiB', 'waiting'],
      ['database', '10.5 MiB', ''],
    ];
    expect(renderTable({ columns, rows })).toEqual([
      'NAME          SENT  STATE',
      'web          1 MiB  waiting',
      'database  10.5 MiB',
    ]);
  });

  it('is only its titles when there are no rows', () => {
    expect(renderTable({ columns, rows: [] })).toEqual(['NAME  SENT  STATE']);
  });

  it('does not count colour marks as width', () => {
    const [, line] = renderTable({ columns, rows: [[red('web'), '1', 'x']] });
    expect(line).toBe('web      1  x');
  });

  it('counts what is escaped at the width it has then, and ideographs twice', () => {
    const rows = [
      ['a\x1b[2Jb', '1', 'x'],
      ['数据库', '1', 'x'],
    ];
    expect(renderTable({ columns, rows })).toEqual([
      'NAME         SENT  STATE',
      'a\\u001b[2Jb     1  x',
      '数据库          1  x',
    ]);
  });

  const verdicts = [{ title: 'NAME' }, { title: 'SENT', align: 'right' }, { title: 'WHY', wraps: true }] as const;
  const rows = [
    ['web', '1 MiB', 'converged: round 6 sent 300 pages and 290 were dirtied meanwhile'],
    ['database', '10.5 MiB', ''],
  ];

  it('wraps text between words where the terminal is too narrow for it', () => {
    expect(renderTable({ columns: verdicts, rows }, 48)).toEqual([
      'NAME          SENT  WHY',
      'web          1 MiB  converged: round 6 sent 300',
      '                    pages and 290 were dirtied',
      '                    meanwhile',
      'database  10.5 MiB',
    ]);
  });

  it('tells row by row where even that is too wide', () => {
    expect(renderTable({ columns: verdicts, rows }, 30)).toEqual([
      'web',
      '  SENT  1 MiB',
      '  WHY   converged: round 6',
      '        sent 300 pages and 290',
      '        were dirtied meanwhile',
      'database',
      '  SENT  10.5 MiB',
    ]);
  });

  it('is never wider than the terminal, for 40 to 200 columns', () => {
    for (let room = 40; room <= 200; room++) {
      for (const line of renderTable({ columns: verdicts, rows }, room)) expect(line.length).toBeLessThanOrEqual(room);
    }
  });
});

describe('a mark', () => {
  const printed = (terminal: boolean, env: Record<string, string>, color = true) => {
    const host = new FakeHost({ terminal });
    Object.assign(host.env, env);
    const cli = new Cli(host);
    cli.color = color;
    cli.result(['a ', red('x')]);
    return host.stdout.text;
  };

  it('is a colour on a terminal', () => expect(printed(true, { TERM: 'xterm' })).toBe('a \x1b[31mx\x1b[39m\n'));
  it('is one where NO_COLOR is empty', () => expect(printed(true, { NO_COLOR: '' })).toContain('\x1b[31m'));
  it.each([
    { why: 'what is not a terminal', terminal: false, env: {} },
    { why: 'with NO_COLOR', terminal: true, env: { NO_COLOR: '1' } },
    { why: 'with TERM=dumb', terminal: true, env: { TERM: 'dumb' } },
    { why: 'with --no-color', terminal: true, env: {}, color: false },
  ])('is none $why', ({ terminal, env, color }) => expect(printed(terminal, env, color)).toBe('a x\n'));
});

describe('barChart', () => {
  it('goes from zero to the largest value, in eighths', () => {
    expect(barChart([0, 1, 4, 8, 16], { width: 5, height: 2 })).toEqual(['    █', ' ▁▄██']);
  });

  it('shows the newest values where there are more than columns', () => {
    expect(barChart([9, 1, 2], { width: 2, height: 1 })).toEqual(['▄█']);
  });

  it('shows any value above zero, and nothing for none', () => {
    expect(barChart([0.001, 1000, 0], { width: 3, height: 1 })).toEqual(['▁█ ']);
    expect(barChart([], { width: 3, height: 2 })).toEqual(['', '']);
    expect(barChart([0, 0], { width: 3, height: 1 })).toEqual(['  ']);
  });

  it('has a full column for the largest value, whatever the values', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 8 }), (shown, height) => {
        const lines = barChart(shown, { width: 60, height });
        expect(lines).toHaveLength(height);
        for (const line of lines) expect(line).toHaveLength(shown.length);
        const top = Math.max(...shown);
        if (top > 0) expect(lines[0]?.[shown.indexOf(top)]).toBe('█');
      }),
    );
  });
});
