import type { Table } from '../../report/table.ts';
import type { Style } from './style.ts';

/** The lines of a table: titles, then the rows, two spaces between columns. */
export function renderTable({ columns, rows }: Table, style: Style): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(visibleLength(title), ...rows.map((row) => visibleLength(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align = 'left' }, at) => {
        const cell = cells[at] ?? '';
        const gap = ' '.repeat(widths[at]! - visibleLength(cell));
        return align === 'left' ? cell + gap : gap + cell;
      })
      .join('  ')
      .trimEnd();
  return [style.dim(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

/** Length without colour marks. */
export function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour mark begins with
  return text.replace(/\x1b\[\d+m/g, '').length;
}
