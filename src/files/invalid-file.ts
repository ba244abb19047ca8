import { VmbuddiesError, type VmbuddiesErrorReport } from '../errors.ts';
import { requireObjects } from '../model/check.ts';

/** Something wrong with a file, and where. */
export interface FileProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** For example `domains[1].memory`; '' where the file as a whole is meant. */
  readonly path: string;
  readonly message: string;
}

/** So many are told; whoever has more of them has one mistake repeated. */
const mostTold = 50;

/** A file that says what it must not say. `message` has a line for each problem, in the order of the files. */
export class InvalidFileError extends VmbuddiesError {
  readonly problems: readonly FileProblem[];
  /** The lines of `message`. */
  readonly lines: readonly string[];

  constructor(problems: readonly FileProblem[]) {
    requireObjects('problems', problems);
    const files = [...new Set(problems.map(({ file }) => file))];
    const sorted = problems.toSorted(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    );
    const told = sorted.slice(0, mostTold).map(problemText);
    if (sorted.length > mostTold) told.push(`and ${sorted.length - mostTold} more problems`);
    super('ERR_VMBUDDIES_ARGUMENT', told.join('\n'));
    this.problems = sorted;
    this.lines = told;
  }

  override toJSON(): VmbuddiesErrorReport & { readonly problems: readonly FileProblem[] } {
    return { ...super.toJSON(), problems: this.problems };
  }
}

/** `app.yaml:12:7: domains[1].memory: …`, which editors and terminals make a link of. */
function problemText({ file, line, column, path, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
