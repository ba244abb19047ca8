/** Who talks to whom, without direction: what a partition looks at. Rows are compressed, one for each vertex. */
export interface Graph {
  readonly vertexCount: number;
  /** What each vertex counts towards its group's cap; whole numbers, so that sums of them are exact. */
  readonly weights: Float64Array;
  /** The neighbours of v are `neighbours[rows[v]]` up to, but without, `neighbours[rows[v + 1]]`. */
  readonly rows: Int32Array;
  readonly neighbours: Int32Array;
  /** Traffic with each neighbour, bytes per second, above 0. */
  readonly traffic: Float64Array;
}

/** Traffic between two vertices, bytes per second. */
export type Edge = readonly [one: number, other: number, bytesPerSecond: number];

/** Edges between the same two vertices are added up; those of a vertex with itself, and those of 0, are left out. */
export function buildGraph(weights: Float64Array, edges: Iterable<Edge>): Graph {
  const rowMaps = Array.from(weights, () => new Map<number, number>());
  for (const [one, other, bytesPerSecond] of edges) {
    if (one === other || bytesPerSecond === 0) continue;
    rowMaps[one]!.set(other, (rowMaps[one]!.get(other) ?? 0) + bytesPerSecond);
    rowMaps[other]!.set(one, (rowMaps[other]!.get(one) ?? 0) + bytesPerSecond);
  }
  const rows = new Int32Array(weights.length + 1);
  for (const [vertex, row] of rowMaps.entries()) rows[vertex + 1] = rows[vertex]! + row.size;
  return {
    vertexCount: weights.length,
    weights,
    rows,
    neighbours: Int32Array.from(rowMaps.flatMap((row) => [...row.keys()])),
    traffic: Float64Array.from(rowMaps.flatMap((row) => [...row.values()])),
  };
}

export interface Neighbour {
  readonly neighbour: number;
  readonly bytesPerSecond: number;
}

export function neighboursOf({ rows, neighbours, traffic }: Graph, vertex: number): Neighbour[] {
  const row = Array.from(neighbours.subarray(rows[vertex], rows[vertex + 1]));
  return row.map((neighbour, at) => ({ neighbour, bytesPerSecond: traffic[rows[vertex]! + at]! }));
}

/** Each edge once. */
export function* edgesOf({ vertexCount, rows, neighbours, traffic }: Graph): Generator<Edge> {
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) {
      if (vertex < neighbours[at]!) yield [vertex, neighbours[at]!, traffic[at]!];
    }
  }
}

/** One vertex for each group: weights added up, traffic inside a group gone. */
export function contract(graph: Graph, groupOf: Int32Array, groupCount: number): Graph {
  const weights = new Float64Array(groupCount);
  for (const [vertex, group] of groupOf.entries()) weights[group]! += graph.weights[vertex]!;
  const edges = Array.from(edgesOf(graph), ([one, other, rate]): Edge => [groupOf[one]!, groupOf[other]!, rate]);
  return buildGraph(weights, edges);
}

/** Traffic between different groups, bytes per second. */
export function cutOf(graph: Graph, groupOf: Int32Array): number {
  let cut = 0;
  for (const [one, other, bytesPerSecond] of edgesOf(graph)) {
    if (groupOf[one] !== groupOf[other]) cut += bytesPerSecond;
  }
  return cut;
}

/** All traffic, bytes per second. */
export function trafficOf(graph: Graph): number {
  return graph.traffic.reduce((sum, rate) => sum + rate, 0) / 2;
}
