/**
 * Text on its way out. Most of it is ours, some of it is a peer's, a file's or another program's, so nothing in a piece
 * of text acts on a terminal: `escaped` is applied to every piece where it leaves, and marks stay beside the text until then.
 */

export type Mark = 'bold' | 'dim' | 'red' | 'green';

export interface Marked {
  readonly mark: Mark;
  readonly text: string;
}

export type Piece = string | Marked;

/** One line. A line break within a piece is somebody else's, and is printed as `\u000a`. */
export type Line = Piece | readonly Piece[];

const marking = (mark: Mark) => (text: string) => ({ mark, text }) satisfies Marked;
export const bold = marking('bold');
export const dim = marking('dim');
export const red = marking('red');
export const green = marking('green');

const codes: Readonly<Record<Mark, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
};

/** Controls (C0, DEL, C1), formats (bidi, zero width, tags), line and paragraph separators, lone surrogates, and all else that is not seen. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Nearly all text there is, told at once. */
const ordinary = /^[ -~]*$/;

/**
 * What would move a cursor, reorder a line or hide in it, as `\uXXXX`. That is also how JSON writes it: an escaped JSON
 * text means what it meant before. Escaping twice is escaping once.
 */
export function escaped(text: string): string {
  if (ordinary.test(text)) return text;
  return text.replace(unprintable, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}

/** The line as it leaves, with the terminal's codes for its marks where it is `coloured`. */
export function painted(line: Line, coloured: boolean): string {
  return piecesOf(line)
    .map((piece) => {
      if (typeof piece === 'string') return escaped(piece);
      const [on, off] = codes[piece.mark];
      return coloured ? `\x1b[${on}m${escaped(piece.text)}\x1b[${off}m` : escaped(piece.text);
    })
    .join('');
}

/** Terminal columns that the line takes, escaped as it leaves. */
export function widthOf(line: Line): number {
  return columnsOf(painted(line, false));
}

/** The same of a line that is painted already. */
export function paintedWidth(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour's code begins with
  return columnsOf(line.replace(/\x1b\[\d+m/g, ''));
}

/** The line's beginning, in at most `room` columns, ending in `…` where something was cut off. */
export function cut(line: Line, room: number): Line {
  if (widthOf(line) <= room) return line;
  let left = room - 1;
  const kept: Piece[] = [];
  for (const piece of piecesOf(line)) {
    const text = head(escaped(textOf(piece)), left);
    left -= widthOf(text);
    kept.push(typeof piece === 'string' ? text : { mark: piece.mark, text });
    if (text !== escaped(textOf(piece))) break;
  }
  return room < 1 ? '' : [...kept, '…'];
}

/** The text in lines of at most `room` columns, broken between words; a longer word is broken where it must be. */
export function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of escaped(text).split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= room) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    for (; widthOf(word) > room; word = word.slice(lines.at(-1)!.length))
      lines.push(head(word, room) || word.slice(0, 2));
    line = word;
  }
  return [...lines, line];
}

export function piecesOf(line: Line): readonly Piece[] {
  return Array.isArray(line) ? line : [line as Piece];
}

export function textOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : piece.text;
}

function head(text: string, room: number): string {
  let kept = '';
  for (const character of text) {
    room -= columnsOf(character);
    if (room < 0) break;
    kept += character;
  }
  return kept;
}

/** Ideographs, kana, hangul and emoji take two columns; what combines with the character before it takes none. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f000}-\u{1f02f}\u{1f300}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /\p{M}/u;

function columnsOf(text: string): number {
  if (ordinary.test(text)) return text.length;
  let columns = 0;
  for (const character of text) {
    if (character < '\u0300') columns++;
    else if (!combining.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}
