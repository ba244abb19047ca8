/** A table as data; who shows it decides how. */
export interface Table {
  readonly columns: readonly Column[];
  /** One cell per column. */
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly title: string;
  /** Figures stand on the right, names on the left (default). */
  readonly align?: 'left' | 'right';
}
