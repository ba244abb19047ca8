import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { bold, cut, escaped, painted, widthOf, wrapped } from '../../../src/cli/text.ts';
import { FakeHost } from './fake-host.ts';

const hostile = [
  ['a C0 control', 'a\x1b[2Jb', 'a\\u001b[2Jb'],
  ['a line break', 'a\nEvery domain runs at b.', 'a\\u000aEvery domain runs at b.'],
  ['a carriage return', 'a\rb', 'a\\u000db'],
  ['DEL', 'a\x7fb', 'a\\u007fb'],
  ['a C1 control', 'a\x9b2Jb', 'a\\u009b2Jb'],
  ['a bidi override', 'a\u202eb', 'a\\u202eb'],
  ['a bidi isolate', 'a\u2066b', 'a\\u2066b'],
  ['zero width', 'a\u200b\u200d\ufeffb', 'a\\u200b\\u200d\\ufeffb'],
  ['line and paragraph separators', 'a\u2028\u2029b', 'a\\u2028\\u2029b'],
  ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ['a tag character', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ['a filler that looks like nothing', 'a\u3164b', 'a\\u3164b'],
] as const;

describe('what is printed', () => {
  it.each(hostile)('has %s escaped, on both streams, marked or not', (_, text, expected) => {
    const host = new FakeHost();
    const cli = new Cli(host);
    cli.note(text);
    cli.progress([bold(text)]);
    cli.result(text);
    expect(host.stderr.text).toBe(`${expected}\n${expected}\n`);
    expect(host.stdout.text).toBe(`${expected}\n`);
  });

  it.each(hostile)('has %s escaped in JSON, which means what it meant', (_, text) => {
    const host = new FakeHost();
    new Cli(host).json({ text });
    expect(host.stdout.text.slice(0, -1)).toMatch(/^[ -~]*$/);
    expect(JSON.parse(host.stdout.text)).toEqual({ text });
  });

  it('leaves every other character as it is: Größe, 数据库, 😀', () => {
    expect(escaped('Größe, 数据库, 😀, ÷')).toBe('Größe, 数据库, 😀, ÷');
  });

  it('holds nothing that acts on a terminal, whatever it is made of, and escaping twice is escaping once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'binary' }), (text, more) => {
        const line = painted([text, bold(more)], false);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(escaped(line)).toBe(line);
      }),
    );
  });
});

describe('fitting text to columns', () => {
  it('cuts a line at its width, marks included, and says so', () => {
    expect(painted(cut(['abc', bold('defg')], 6), false)).toBe('abcde…');
    expect(painted(cut(['abc', bold('def')], 6), true)).toBe('abc\x1b[1mdef\x1b[22m');
    expect(painted(cut('数据库', 4), false)).toBe('数…');
  });

  it('breaks between words, and never makes a line too wide', () => {
    expect(wrapped('round 6 sent 300 pages', 12)).toEqual(['round 6 sent', '300 pages']);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (text, room) => {
        const lines = wrapped(text, room);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room);
        expect(lines.join('').replaceAll(' ', '')).toBe(escaped(text).replaceAll(' ', ''));
      }),
    );
  });
});
