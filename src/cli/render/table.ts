import type { Column, Table } from '../../report/table.ts';
import { dim, type Line, type Piece, textOf, widthOf, wrapped } from '../text.ts';

const gap = '  ';
/** A column of text is not wrapped to fewer columns than this. */
const minWrapWidth = 16;

/**
 * The lines of a table in at most `room` columns: titles, then the rows, two spaces between columns. Where it is too wide
 * a column that `wraps` does so; where that is not enough, each row is told line by line under its first cell.
 */
export function renderTable({ columns, rows }: Table<Piece>, room = Number.POSITIVE_INFINITY): Line[] {
  const widths = columns.map(({ title }, at) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? ''))));
  const wrapping = columns.findIndex(({ wraps }) => wraps);
  const excess = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - room;
  if (excess > 0) {
    const width = wrapping === -1 ? 0 : widths[wrapping]! - excess;
    if (width < minWrapWidth) return renderRecords({ columns, rows }, room);
    widths[wrapping] = width;
  }
  return [
    dim(
      rowLine(
        columns,
        widths,
        columns.map(({ title }) => title),
      )
        .map(textOf)
        .join(''),
    ),
    ...rows.flatMap((row) => {
      const [first = '', ...more] = wrapping === -1 ? [] : wrapped(textOf(row[wrapping] ?? ''), widths[wrapping]!);
      const lines = [more.length === 0 ? row : row.with(wrapping, first)];
      for (const text of more) lines.push(columns.map((_, at) => (at === wrapping ? text : '')));
      return lines.map((cells) => rowLine(columns, widths, cells));
    }),
  ];
}

/** One row; nothing stands after its last cell. */
function rowLine(columns: readonly Column[], widths: readonly number[], cells: readonly Piece[]): Piece[] {
  const last = cells.findLastIndex((cell) => textOf(cell) !== '');
  return columns.slice(0, last + 1).flatMap(({ align = 'left' }, at) => {
    const cell = cells[at] ?? '';
    const space = ' '.repeat(Math.max(0, widths[at]! - widthOf(cell)));
    const padded: Piece[] = align === 'left' ? (at === last ? [cell] : [cell, space]) : [space, cell];
    return at === 0 ? padded : [gap, ...padded];
  });
}

function renderRecords({ columns, rows }: Table<Piece>, room: number): Line[] {
  const titleWidth = Math.max(...columns.slice(1).map(({ title }) => widthOf(title)));
  const indent = ' '.repeat(gap.length + titleWidth + gap.length);
  return rows.flatMap((row) => [
    ...wrapped(textOf(row[0] ?? ''), room),
    ...columns.slice(1).flatMap(({ title }, at): Line[] => {
      const cell = row[at + 1] ?? '';
      if (textOf(cell) === '') return [];
      const [first = '', ...more] = wrapped(textOf(cell), Math.max(room - indent.length, 8));
      const value = typeof cell === 'string' ? first : { mark: cell.mark, text: first };
      return [[gap, dim(title.padEnd(titleWidth)), gap, value], ...more.map((text) => indent + text)];
    }),
  ]);
}
