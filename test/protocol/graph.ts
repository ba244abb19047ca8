/** The states found so far, by key, with the shortest way to each, and the moves that need no fault. */
export class Graph {
  readonly #indexes = new Map<number, number>();
  readonly #keys: number[] = [];
  readonly #parents: number[] = [];
  readonly #edgeFrom: number[] = [];
  readonly #edgeTo: number[] = [];

  constructor(rootKey: number) {
    this.add(rootKey, -1);
  }

  get size(): number {
    return this.#keys.length;
  }

  keyOf(index: number): number {
    return this.#keys[index]!;
  }

  /** The index of the state with this key. It is `size` before the call if the state is new; `from` led there then. */
  add(key: number, from: number): number {
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.size);
    this.#parents.push(from);
    return this.#keys.push(key) - 1;
  }

  connect(from: number, to: number): void {
    if (from === to) return;
    this.#edgeFrom.push(from);
    this.#edgeTo.push(to);
  }

  /** Keys from the root to a state. */
  wayTo(index: number): number[] {
    const way: number[] = [];
    for (let at = index; at >= 0; at = this.#parents[at]!) way.unshift(this.#keys[at]!);
    return way;
  }

  /** The nearest state from which connected moves lead to no goal, or null if there is none. */
  firstWithoutWayTo(isGoal: (key: number) => boolean): number | null {
    // Edges sorted by their end, as slices of one array: those into state n are sources[starts[n] .. starts[n + 1]].
    const starts = new Uint32Array(this.size + 1);
    for (const to of this.#edgeTo) starts[to + 1]! += 1;
    for (let n = 0; n < this.size; n += 1) starts[n + 1]! += starts[n]!;
    const fill = starts.slice();
    const sources = new Uint32Array(this.#edgeTo.length);
    this.#edgeTo.forEach((to, edge) => {
      sources[fill[to]!] = this.#edgeFrom[edge]!;
      fill[to]! += 1;
    });

    const reached = new Uint8Array(this.size);
    const todo: number[] = [];
    const reach = (index: number): void => {
      if (reached[index] === 1) return;
      reached[index] = 1;
      todo.push(index);
    };
    this.#keys.forEach((key, index) => {
      if (isGoal(key)) reach(index);
    });
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      sources.subarray(starts[index], starts[index + 1]).forEach(reach);
    }
    const stuck = reached.indexOf(0);
    return stuck < 0 ? null : stuck;
  }
}
