import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type FileProblem, InvalidFileError } from './invalid-file.ts';

/** Of keys and of places in lists. */
export type Path = readonly PropertyKey[];

/** So often may a file be told to repeat what it has named: enough for people, too few for a bomb. */
const mostAliases = 100;

/** A YAML text, and where in it everything stands. */
export class YamlText {
  /** As plain data. */
  readonly value: unknown;
  readonly #file: string;
  readonly #document: Document;
  readonly #keys = new WeakMap<YAMLMap, ReadonlyMap<unknown, number>>();
  readonly #lines = new LineCounter();

  /** @throws {InvalidFileError} with all that keeps the text from being YAML, or from being safe to read */
  constructor(text: string, file: string) {
    this.#file = file;
    // The library's own search for duplicate keys takes time that grows with the square of their number.
    const options = { lineCounter: this.#lines, prettyErrors: false, stringKeys: true, uniqueKeys: false } as const;
    this.#document = parseDocument(text, options);
    const { errors, warnings } = this.#document;
    const problems = [...errors, ...warnings].map(({ message, pos }) => this.#problem(pos[0], '', message));
    // What follows walks the tree, which is sound only if it was read without errors.
    if (problems.length === 0) problems.push(...this.#duplicates());
    if (problems.length > 0) throw new InvalidFileError(problems);
    try {
      this.value = this.#document.toJS({ maxAliasCount: mostAliases });
    } catch (error) {
      throw new InvalidFileError([this.#problem(0, '', (error as Error).message)]);
    }
  }

  /** Of what stands at `path`, or else of the nearest thing around it; with `key`, of that key in it. */
  problem(path: Path, message: string, key?: string): FileProblem {
    let node: Node | null | undefined = this.#document.contents;
    let offset = startOf(node);
    for (const step of path) {
      node = this.#within(node, step);
      if (!node) break;
      offset = startOf(node) ?? offset;
    }
    if (key !== undefined && isMap(node)) {
      offset = this.#keysOf(node).get(key) ?? offset;
    }
    return this.#problem(offset ?? 0, pathText(path), message);
  }

  /** Where each key of a map stands. A map may have very many, and every one of them a problem. */
  #keysOf(map: YAMLMap): ReadonlyMap<unknown, number> {
    let keys = this.#keys.get(map);
    if (!keys) {
      keys = new Map(map.items.flatMap(({ key }) => (isScalar(key) ? [[key.value, startOf(key) ?? 0]] : [])));
      this.#keys.set(map, keys);
    }
    return keys;
  }

  #within(node: Node | null | undefined, step: PropertyKey): Node | undefined {
    const collection = isAlias(node) ? node.resolve(this.#document) : node;
    return collection && 'get' in collection ? (collection.get(step, true) as Node | undefined) : undefined;
  }

  #duplicates(): FileProblem[] {
    const problems: FileProblem[] = [];
    visit(this.#document, {
      Map: (_, { items }) => {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          if (!isScalar(key)) continue;
          if (seen.has(key.value)) problems.push(this.#problem(startOf(key) ?? 0, '', `${key.value} is there twice`));
          seen.add(key.value);
        }
      },
    });
    return problems;
  }

  #problem(offset: number, path: string, message: string): FileProblem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), path, message };
  }
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}

/** `domains[1].memory`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}
