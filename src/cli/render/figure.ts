import type { Figure } from '../../evaluation/figure.ts';
import { claimsTable } from '../../evaluation/markdown.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** The lines of a figure: its table, what the paper states beside what came out, and why they differ. */
export function renderFigure({ title, table, claims, notes }: Figure, style: Style): string[] {
  return [
    style.bold(title),
    ...renderTable(table, style),
    ...(claims.length > 0 ? ['', ...renderTable(claimsTable(claims), style)] : []),
    ...claims.flatMap(({ of, why }) => (why === undefined ? [] : [`${of}: ${why}`])),
    ...notes,
  ];
}
