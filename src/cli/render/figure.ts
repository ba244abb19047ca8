import type { Figure } from '../../evaluation/figure.ts';
import { claimsTable } from '../../evaluation/markdown.ts';
import type { Cli } from '../cli.ts';
import { bold } from '../text.ts';

/** As results: a figure's table, what the paper states beside what came out, and why they differ. */
export function showFigure(cli: Cli, { title, table, claims, notes }: Figure): void {
  cli.result(bold(title));
  cli.table(table);
  if (claims.length > 0) {
    cli.result('');
    cli.table(claimsTable(claims));
  }
  for (const { of, why } of claims) if (why !== undefined) cli.result(`${of}: ${why}`);
  cli.result(...notes, '');
}
