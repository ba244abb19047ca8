import type { Table } from '../report/table.ts';
import type { Chart } from './chart.ts';
import type { Cell, Trials } from './trials.ts';

/** A number the paper states, and ours. */
export interface Claim {
  /** What of what, and where the paper says it. */
  readonly of: string;
  readonly paper: string;
  readonly ours: string;
  /** `fitted`: parameters were chosen so that it comes out. `test`: nothing was. */
  readonly kind: 'fitted' | 'test';
  /** Why ours differs, where it does. */
  readonly why?: string;
}

/** One of the paper's figures or tables as it comes out here. */
export interface Figure {
  /** As on the command line: `13` is Fig. 13, `table-2` is Table 2. */
  readonly name: string;
  readonly title: string;
  readonly table: Table;
  readonly charts: readonly Chart[];
  readonly claims: readonly Claim[];
  /** What to know when reading it. */
  readonly notes: readonly string[];
}

/** How to make one: which experiments it needs, and what it draws of them. Pure. */
export interface FigureRecipe {
  readonly name: string;
  readonly cells: readonly Cell[];
  draw(trials: Trials): Figure;
}
