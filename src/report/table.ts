/** A table as data; who shows it decides how. */
export interface Table<Cell = string> {
  readonly columns: readonly Column[];
  /** One cell per column. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly title: string;
  /** Figures stand on the right, names on the left (default). */
  readonly align?: 'left' | 'right';
  /** Holds text that may go on in the next line, between two words. At most one column of a table does. */
  readonly wraps?: true;
}
