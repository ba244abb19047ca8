import { describe, expect, it } from 'vitest';
import { InvalidFileError } from '../../../src/files/invalid-file.ts';
import { YamlText } from '../../../src/files/yaml-text.ts';

function problemsOf(text: string): string[] {
  try {
    new YamlText(text, 'a.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFileError);
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('YAML text', () => {
  it('tells every syntax error with its place', () => {
    expect(problemsOf('a: "x\nb: }\n')[0]).toMatch(/^a\.yaml:\d+:\d+: \S/);
    expect(problemsOf('a: 1\n---\nb: 2')).toHaveLength(1);
    expect(problemsOf('a: !shell ls')).toEqual(['a.yaml:1:4: Unresolved tag: !shell']);
    expect(problemsOf('? [a]\n: 1')).toEqual(['a.yaml:1:3: With stringKeys, all keys must be strings']);
  });

  it('refuses a key that is there twice', () => {
    expect(problemsOf('a: 1\nb: { c: 1, c: 2 }\na: 3')).toEqual([
      'a.yaml:2:12: c is there twice',
      'a.yaml:3:1: a is there twice',
    ]);
  });

  it('does not let a few lines become a mountain', () => {
    const layers = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 12; at++)
      layers.push(
        `a${at}: &a${at} [${Array(9)
          .fill(`*a${at - 1}`)
          .join(', ')}]`,
      );
    expect(problemsOf(layers.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')]);
  });

  it.each(['[', '{a: ', '- '])('does not run out of stack on a deep nest of %s', (opening) => {
    expect(problemsOf(opening.repeat(20_000))[0]).toMatch(/^a\.yaml:1:\d+: /);
  });

  // A reader that is quadratic in them would run into the time limit of all tests.
  it('reads a megabyte of keys', () => {
    const text = Array.from({ length: 50_000 }, (_, at) => `key-${at}: 1`).join('\n');
    expect(Object.keys(new YamlText(text, 'a.yaml').value as object)).toHaveLength(50_000);
  });

  it('tells fifty problems and counts the others', () => {
    const lines = problemsOf(Array(61).fill('a: 1').join('\n'));
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('and 10 more problems');
  });
});
