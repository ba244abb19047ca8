import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord, splitWords } from '../../../src/transfer/words.ts';

describe('splitWords', () => {
  it.each([
    ['ssh', ['ssh']],
    ['  ssh   -p 2222\t-l root ', ['ssh', '-p', '2222', '-l', 'root']],
    [`ssh -i '/root/a key'`, ['ssh', '-i', '/root/a key']],
    ['ssh -o "ProxyCommand=nc -X 5 %h"', ['ssh', '-o', 'ProxyCommand=nc -X 5 %h']],
    [String.raw`a\ b "say \"hi\"" 'it'\''s' ""`, ['a b', 'say "hi"', "it's", '']],
    [`sh -c 'shift; exec sh -c "$*"' x`, ['sh', '-c', 'shift; exec sh -c "$*"', 'x']],
    ['', []],
  ])('reads %j as a shell does', (text, words) => expect(splitWords(text)).toEqual(words));

  it.each([
    [`ssh -i 'key`, "'key"],
    ['ssh -i "a key', '"a key'],
    ['ssh \\', '\\'],
    ['ssh "$KEY" x', '"$KEY" x'],
    ['ssh -i $KEY', '$KEY'],
    ['gzip | ssh', '| ssh'],
    ['ssh;reboot', ';reboot'],
  ])('refuses %j, for it takes a shell', (text, from) => {
    const message = `'${text}': from ${from} on it takes a shell to read, and there is none; use plain words and closed quotes`;
    expect(() => splitWords(text)).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message }));
  });
});

describe('quoteWord', () => {
  const words = fc.array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 6 });

  it('leaves what no shell would touch as it is', () => {
    expect(['xl', 'migrate-receive', 'web--incoming', 'a@b:7%'].map(quoteWord)).toEqual([
      'xl',
      'migrate-receive',
      'web--incoming',
      'a@b:7%',
    ]);
  });

  it('is undone by splitWords, whatever the words', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(splitWords(list.map(quoteWord).join(' '))).toEqual(list);
      }),
    );
  });

  it('is undone by a real shell', () => {
    const print = 'for word; do printf "%s\\0" "$word"; done';
    fc.assert(
      fc.property(words, (list) => {
        const line = `set -- ${list.map(quoteWord).join(' ')}; ${print}`;
        expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(list);
      }),
      { numRuns: 50 },
    );
  });
});
