import { argumentError } from '../model/check.ts';
import { type Random, seededRandom } from '../random.ts';
import { partitionExactly } from './exact.ts';
import { cutOf } from './graph.ts';
import { kick } from './kick.ts';
import { cross, partitionByLevels } from './multilevel.ts';
import { type GroupOf, type PartitionProblem, packAnyhow, packByTraffic } from './pack.ts';

/** Vertices in groups. */
export interface Partition {
  readonly groupOf: GroupOf;
  /** Traffic between the groups, bytes per second. */
  readonly cutBytesPerSecond: number;
  /** No partition within the limits has a smaller cut. */
  readonly optimal: boolean;
}

/** Up to so many vertices the least cut is proven. */
const mostExactVertices = 20;
/** Starts of a search: fewer where there is more to look at in each, which grows with (vertices + edges) × groups. */
const mostStarts = 20;
const leastStarts = 2;
const startsTimesSize = 400_000;
/** The search goes on for so many trials per start without a better one, and for so many in all. */
const fruitlessPerStart = 4;
const trialsPerStart = 20;

/**
 * Cuts a graph into groups so that little traffic is between them. The same problem and seed always give the same groups.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT if none within the limits was found; with those of
 * `partitionProblem` (limit.ts) one always is.
 */
export function partition(problem: PartitionProblem, seed: number): Partition {
  const { graph } = problem;
  const found = search(problem, seededRandom(seed));
  if (found === undefined) throw argumentError('no groups within the limits were found');
  const { groupOf, optimal } =
    graph.vertexCount <= mostExactVertices
      ? partitionExactly(problem, found)
      : { groupOf: found, optimal: cutOf(graph, found) === 0 };
  return { groupOf, cutBytesPerSecond: cutOf(graph, groupOf), optimal };
}

/**
 * Several starts; then their results are crossed and kicked until a row of trials finds nothing better. Kicks find what is
 * close to a good partition, crossings what lies between two.
 */
export function search(problem: PartitionProblem, random: Random): GroupOf | undefined {
  const { graph } = problem;
  const size = (graph.vertexCount + graph.neighbours.length / 2) * problem.mostGroups;
  const starts = Math.max(leastStarts, Math.min(mostStarts, Math.floor(startsTimesSize / size)));
  const pool = new Pool(problem, starts);
  for (let start = 0; start < starts && pool.leastCut > 0; start++) {
    const groupOf = partitionByLevels(problem, random, start % 2 === 0 ? packAnyhow : packByTraffic);
    if (groupOf === undefined) return undefined;
    pool.add(groupOf);
  }
  if (graph.vertexCount <= mostExactVertices) return pool.best;
  let fruitless = 0;
  for (let trial = 0; trial < trialsPerStart * starts && fruitless < fruitlessPerStart * starts; trial++) {
    if (pool.leastCut === 0) break;
    const before = pool.leastCut;
    const [better, other] = pool.pair(random);
    pool.add(random() < 0.5 ? kick(problem, random, better) : cross(problem, random, better, other));
    fruitless = pool.leastCut < before ? 0 : fruitless + 1;
  }
  return pool.best;
}

/** The best partitions so far, the best first, each of a different cut. */
class Pool {
  readonly #problem: PartitionProblem;
  readonly #size: number;
  readonly #entries: { groupOf: GroupOf; cut: number }[] = [];

  constructor(problem: PartitionProblem, size: number) {
    this.#problem = problem;
    this.#size = size;
  }

  get leastCut(): number {
    return this.#entries[0]?.cut ?? Number.POSITIVE_INFINITY;
  }

  get best(): GroupOf | undefined {
    return this.#entries[0]?.groupOf;
  }

  add(groupOf: GroupOf): void {
    const cut = cutOf(this.#problem.graph, groupOf);
    if (this.#entries.some((entry) => entry.cut === cut)) return;
    this.#entries.push({ groupOf, cut });
    this.#entries.sort((a, b) => a.cut - b.cut);
    this.#entries.splice(this.#size);
  }

  /** Any two, the better one first; maybe one twice, which lets the search go on from it with other clusters. */
  pair(random: Random): [GroupOf, GroupOf] {
    const [a, b] = [random(), random()].map((share) => Math.floor(share * this.#entries.length));
    return [this.#entries[Math.min(a!, b!)]!.groupOf, this.#entries[Math.max(a!, b!)]!.groupOf];
  }
}
