/** Command lines as words and back, by a shell's rules for plain words and quotes. */
import { VmbuddiesError } from '../errors.ts';

/** What a word is made of. The first group of each is what it stands for. */
const plain = /^([^\s'"\\|&;<>()$`*?[\]#~{}!]+)/;
const singleQuoted = /^'([^']*)'/;
const doubleQuoted = /^"((?:[^"\\$`]|\\.)*)"/s;
const escaped = /^\\(.)/s;

/**
 * `ssh -p 2222 -i '/root/a key'` → its words. Variables, globs and operators outside quotes are refused rather than
 * taken literally: whoever writes them expects a shell. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    let word = '';
    while (/^\S/.test(rest)) {
      const quoted = doubleQuoted.exec(rest);
      const literal = plain.exec(rest) ?? singleQuoted.exec(rest) ?? escaped.exec(rest);
      const piece = quoted ?? literal ?? refuse(text, rest);
      word += quoted === null ? piece[1] : piece[1]!.replace(/\\(["\\$`])/g, '$1');
      rest = rest.slice(piece[0].length);
    }
    words.push(word);
    rest = rest.trimStart();
  }
  return words;
}

/** `word` as a shell must be given it to see it whole. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function refuse(text: string, rest: string): never {
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_ARGUMENT',
    `'${text}': from ${rest} on it takes a shell to read, and there is none; use plain words and closed quotes`,
  );
}
