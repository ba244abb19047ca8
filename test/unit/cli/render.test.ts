import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { barChart } from '../../../src/cli/render/chart.ts';
import { LiveRegion } from '../../../src/cli/render/live-region.ts';
import { styleFor } from '../../../src/cli/render/style.ts';
import { renderTable, visibleLength } from '../../../src/cli/render/table.ts';
import { FakeHost, FakeStream } from './fake-host.ts';

const noStyle = styleFor({}, {}, true);

describe('renderTable', () => {
  const columns = [{ title: 'NAME' }, { title: 'SENT', align: 'right' }, { title: 'STATE' }] as const;

  it('puts names to the left and figures to the right', () => {
    const rows = [
      ['web', '1 MiB', 'waiting'],
      ['database', '10.5 MiB', ''],
    ];
    expect(renderTable({ columns, rows }, noStyle)).toEqual([
      'NAME          SENT  STATE',
      'web          1 MiB  waiting',
      'database  10.5 MiB',
    ]);
  });

  it('is only its titles when there are no rows', () => {
    expect(renderTable({ columns, rows: [] }, noStyle)).toEqual(['NAME  SENT  STATE']);
  });

  it('does not count colour marks as width', () => {
    const red = styleFor({ isTTY: true }, {}, true).red;
    const [, line] = renderTable({ columns, rows: [[red('web'), '1', 'x']] }, noStyle);
    expect(visibleLength(line ?? '')).toBe('web      1  x'.length);
  });
});

describe('styleFor', () => {
  const red = (stream: { isTTY?: boolean }, env: Record<string, string>, allowed = true) =>
    styleFor(stream, env, allowed).red('x');

  it('colours a terminal', () => expect(red({ isTTY: true }, { TERM: 'xterm' })).toBe('\x1b[31mx\x1b[39m'));
  it('colours when NO_COLOR is empty', () => expect(red({ isTTY: true }, { NO_COLOR: '' })).not.toBe('x'));
  it.each([
    { why: 'what is not a terminal', stream: {}, env: {}, allowed: true },
    { why: 'with NO_COLOR', stream: { isTTY: true }, env: { NO_COLOR: '1' }, allowed: true },
    { why: 'with TERM=dumb', stream: { isTTY: true }, env: { TERM: 'dumb' }, allowed: true },
    { why: 'with --no-color', stream: { isTTY: true }, env: {}, allowed: false },
  ])('does not colour $why', ({ stream, env, allowed }) => expect(red(stream, env, allowed)).toBe('x'));
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

describe('LiveRegion', () => {
  it('goes back over exactly what it drew', () => {
    const stream = new FakeStream(true);
    const region = new LiveRegion(stream);
    region.draw(['one', 'two']);
    stream.text = '';
    region.draw(['three']);
    expect(stream.text).toBe('\x1b[1G\x1b[2A\x1b[0Jthree\n');
    stream.text = '';
    region.clear();
    region.clear();
    expect(stream.text).toBe('\x1b[1G\x1b[1A\x1b[0J');
  });

  it('cuts what would wrap, since a wrapped line takes two rows', () => {
    const stream = new FakeStream(true, 10);
    new LiveRegion(stream).draw(['0123456789abc']);
    expect(stream.text).toBe('012345678\n');
  });
});

describe('a note while lines are redrawn', () => {
  it('stands above them', () => {
    const host = new FakeHost({ terminal: true });
    const cli = new Cli(host);
    const region = cli.openRegion();
    region?.draw(['one']);
    host.stderr.text = '';
    cli.note('decided');
    region?.draw(['one']);
    cli.closeRegion();
    cli.note('over');
    expect(host.stderr.text).toBe('\x1b[1G\x1b[1A\x1b[0Jdecided\none\n\x1b[1G\x1b[1A\x1b[0Jover\n');
  });
});
