import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Application, numberApplication } from '../../src/group/application.ts';
import { partitionExactly } from '../../src/group/exact.ts';
import { buildGraph, cutOf, type Edge } from '../../src/group/graph.ts';
import { balancedCap, partitionProblem } from '../../src/group/limit.ts';
import { orderExactly } from '../../src/group/order-exact.ts';
import { OrderProblem } from '../../src/group/order-problem.ts';
import { searchOrder } from '../../src/group/order-search.ts';
import { type GroupOf, type PartitionProblem, packEvenly } from '../../src/group/pack.ts';
import { partition, search } from '../../src/group/partition.ts';
import { planGroups } from '../../src/group/plan.ts';
import { sequenceGroups } from '../../src/group/sequence.ts';
import { chooseFirstAndLast } from '../../src/group/tiers.ts';
import { seededRandom } from '../../src/random.ts';
import { leastSplitBytes } from '../support/joint-oracle.mjs';

/** Whole rates, so that sums of them are exact. */
const anyEdges = (count: number, maxLength: number) =>
  fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.integer({ min: 1, max: 100 })), { maxLength });

/** Groups of some balance, and no limit of their number but the cap, over any weights. */
const anyProblem = (mostVertices: number): fc.Arbitrary<PartitionProblem> =>
  fc
    .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: mostVertices })
    .chain((weights) =>
      fc.record({
        weights: fc.constant(weights),
        groups: fc.integer({ min: 1, max: weights.length }),
        exactly: fc.boolean(),
        edges: anyEdges(weights.length, 3 * weights.length),
      }),
    )
    .map(({ weights, groups, exactly, edges }) => ({
      graph: buildGraph(Float64Array.from(weights), edges),
      cap: balancedCap(weights, groups),
      leastGroups: exactly ? groups : 1,
      mostGroups: groups,
    }));

function keepsTo({ graph, cap, leastGroups, mostGroups }: PartitionProblem, groupOf: ArrayLike<number>): boolean {
  const loads = new Map<number, number>();
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    loads.set(groupOf[vertex]!, (loads.get(groupOf[vertex]!) ?? 0) + graph.weights[vertex]!);
  }
  return loads.size >= leastGroups && loads.size <= mostGroups && [...loads.values()].every((load) => load <= cap);
}

/** Tries all partitions: each vertex joins a group that is there or opens the next. */
function leastCut(problem: PartitionProblem, placed: readonly number[] = []): number {
  const { graph, mostGroups } = problem;
  if (placed.length === graph.vertexCount) {
    return keepsTo(problem, placed) ? cutOf(graph, Int32Array.from(placed)) : Number.POSITIVE_INFINITY;
  }
  const open = Math.min(Math.max(-1, ...placed) + 2, mostGroups);
  return Math.min(...Array.from({ length: open }, (_, group) => leastCut(problem, [...placed, group])));
}

describe('partition', () => {
  it('finds the least cut of all partitions within the limits, and proves it', () => {
    fc.assert(
      fc.property(anyProblem(7), fc.nat(), (problem, seed) => {
        const { groupOf, cutBytesPerSecond, optimal } = partition(problem, seed);
        expect(keepsTo(problem, groupOf)).toBe(true);
        expect(cutBytesPerSecond).toBe(leastCut(problem));
        expect(optimal).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on how the domains are numbered', () => {
    const renumbered = anyProblem(12).chain((problem) =>
      fc.tuple(
        fc.constant(problem),
        fc.shuffledSubarray([...problem.graph.weights.keys()], { minLength: problem.graph.vertexCount }),
      ),
    );
    fc.assert(
      fc.property(renumbered, ([problem, numbers]) => {
        const { weights, rows, neighbours, traffic } = problem.graph;
        const moved = new Float64Array(weights.length);
        const edges: Edge[] = [];
        for (const [vertex, number] of numbers.entries()) {
          moved[number] = weights[vertex]!;
          for (let at = rows[vertex]!; at < rows[vertex + 1]!; at++) {
            if (vertex < neighbours[at]!) edges.push([numbers[neighbours[at]!]!, number, traffic[at]!]);
          }
        }
        const same = { ...problem, graph: buildGraph(moved, edges) };
        expect(partition(same, 1).cutBytesPerSecond).toBe(partition(problem, 1).cutBytesPerSecond);
      }),
      { numRuns: 200 },
    );
  });

  it('never exceeds the cap nor changes the number of groups, in graphs of any size', () => {
    fc.assert(
      fc.property(anyProblem(120), fc.nat(), (problem, seed) => {
        expect(keepsTo(problem, search(problem, seededRandom(seed))!)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('never cuts more where the limit is wider', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), anyEdges(10, 30), (cap, edges) => {
        const graph = buildGraph(new Float64Array(10).fill(1), edges);
        const cut = (most: number) =>
          partition({ graph, cap: most, leastGroups: 1, mostGroups: 2 * Math.ceil(10 / most) - 1 }, 1);
        expect(cut(cap).cutBytesPerSecond).toBeLessThanOrEqual(cut(cap - 1).cutBytesPerSecond);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the search alone', () => {
  // Connected graphs, the sizes and numbers of groups of real applications.
  const sizes = [
    [9, 3],
    [12, 2],
    [12, 3],
    [16, 2],
    [16, 4],
    [20, 2],
  ] as const;

  it.each(sizes)('finds the optimum for %i domains in %i groups nearly always', (count, groups) => {
    const graphs = 100;
    const random = seededRandom(20130817 + count + groups);
    const upTo = (limit: number) => Math.floor(random() * limit);
    let optimal = 0;
    for (let index = 0; index < graphs; index++) {
      const tree = Array.from({ length: count - 1 }, (_, at): Edge => [at + 1, upTo(at + 1), 1 + upTo(100)]);
      const more = Array.from({ length: 2 * count }, (): Edge => [upTo(count), upTo(count), 1 + upTo(100)]);
      const graph = buildGraph(new Float64Array(count).fill(1), [...tree, ...more]);
      const problem = { graph, cap: Math.ceil(count / groups), leastGroups: groups, mostGroups: groups };
      const found: GroupOf = search(problem, seededRandom(index))!;
      const best = partitionExactly(problem, found);
      expect(best.optimal).toBe(true);
      if (cutOf(graph, found) === cutOf(graph, best.groupOf)) optimal++;
    }
    expect(optimal).toBeGreaterThanOrEqual(0.99 * graphs);
  });
});

describe('balancedCap', () => {
  const anyWeights = fc.array(fc.integer({ min: 1, max: 10 ** 12 }), { minLength: 1, maxLength: 40 });

  it('can always be met, and is never less than the even share or the heaviest', () => {
    fc.assert(
      fc.property(anyWeights, fc.nat(), (weights, any) => {
        const groups = 1 + (any % weights.length);
        const cap = balancedCap(weights, groups);
        const graph = buildGraph(Float64Array.from(weights), []);
        expect(packEvenly({ graph, cap, leastGroups: groups, mostGroups: groups })).toBeDefined();
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        expect(cap).toBeGreaterThanOrEqual(Math.max(total / groups, ...weights));
        expect(cap).toBeLessThan(total / groups + Math.max(...weights));
      }),
    );
  });

  it('is a whole number of domains of one size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.nat(),
        fc.integer({ min: 1, max: 10 ** 9 }),
        (count, any, size) => {
          const groups = 1 + (any % count);
          const cap = balancedCap(new Array(count).fill(size), groups);
          expect(Math.floor(cap / size)).toBe(Math.ceil(count / groups));
        },
      ),
    );
  });
});

describe('the order of groups', () => {
  const anyOrderProblem = (least: number, most: number) =>
    fc
      .array(fc.integer({ min: 0, max: 20 }), { minLength: least, maxLength: most })
      .chain((seconds) => fc.tuple(fc.constant(seconds), anyEdges(seconds.length, 3 * seconds.length)))
      .map(([seconds, flows]) => new OrderProblem(seconds, flows, 'sources-first'));

  function* permutations(items: readonly number[]): Generator<number[]> {
    if (items.length === 0) yield [];
    for (const [at, item] of items.entries()) {
      for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest];
    }
  }
  function againstTheFlow(problem: OrderProblem, order: readonly number[]): number {
    return order.reduce(
      (sum, group, at) => order.slice(0, at).reduce((inner, earlier) => inner + problem.against(group, earlier), sum),
      0,
    );
  }

  it('is the best of all permutations, and of the best the one most along the flows', () => {
    fc.assert(
      fc.property(anyOrderProblem(1, 6), (problem) => {
        const order = orderExactly(problem);
        const all = [...permutations(Array.from(problem.seconds.keys()))];
        const least = Math.min(...all.map((each) => problem.splitBytes(each)));
        const best = all.filter((each) => problem.splitBytes(each) === least);
        expect(problem.splitBytes(order)).toBe(least);
        expect(againstTheFlow(problem, order)).toBe(Math.min(...best.map((each) => againstTheFlow(problem, each))));
      }),
      { numRuns: 150 },
    );
  });

  it('is found by the search too, or one hardly worse', () => {
    fc.assert(
      fc.property(anyOrderProblem(8, 12), fc.nat(), (problem, seed) => {
        const found = searchOrder(problem, seededRandom(seed));
        expect(found.toSorted((a, b) => a - b)).toEqual(Array.from(problem.seconds.keys()));
        const least = problem.splitBytes(orderExactly(problem));
        expect(problem.splitBytes(found)).toBeGreaterThanOrEqual(least);
        expect(problem.splitBytes(found)).toBeLessThanOrEqual(1.05 * least);
      }),
      { numRuns: 60 },
    );
  });
});

describe('planGroups', () => {
  const anyApplication: fc.Arbitrary<Application> = fc
    .array(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 12 })
    .chain((sizes) => fc.tuple(fc.constant(sizes), anyEdges(sizes.length, 3 * sizes.length)))
    .map(([sizes, edges]) => ({
      domains: sizes.map((migrationBytes, index) => ({ name: `d${index}`, migrationBytes })),
      flows: edges.map(([from, to, bytesPerSecond]) => ({ from: `d${from}`, to: `d${to}`, bytesPerSecond })),
    }));

  it('moves every domain once, keeps to the limit, and adds up what its steps split', () => {
    fc.assert(
      fc.property(anyApplication, (application) => {
        const plan = planGroups(application, { limit: { maxParallel: 2 }, duration: { linkBytesPerSecond: 1e8 } });
        const names = plan.steps.flatMap(({ domains }) => domains);
        expect(names.toSorted()).toEqual(application.domains.map(({ name }) => name).toSorted());
        expect(plan.steps.every(({ domains }) => domains.length <= 2)).toBe(true);
        expect(plan.allAtOnce.splitBytes).toBe(0);
        const sum = plan.steps.reduce((total, step) => total + step.seconds * step.splitBytesPerSecond, 0);
        expect(plan.splitBytes).toBe(sum);
        expect(Math.abs(plan.seconds / plan.oneByOne.seconds - 1)).toBeLessThan(1e-12);
      }),
      { numRuns: 100 },
    );
  });

  const anyLimit = fc.oneof(
    fc.record({ maxParallel: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ groups: fc.integer({ min: 1, max: 4 }) }),
  );
  const smallApplication = anyApplication.filter(({ domains }) => domains.length <= 8);

  it('splits the least that any groups within the limit can, in any order, with maxParallel and with k', () => {
    fc.assert(
      fc.property(smallApplication, anyLimit, (application, limit) => {
        fc.pre(!('groups' in limit) || limit.groups <= application.domains.length);
        const linkBytesPerSecond = 1e8;
        const plan = planGroups(application, { limit, duration: { linkBytesPerSecond } });
        const numbered = numberApplication(application);
        const { cap, graph } = partitionProblem(numbered, limit);
        const domains = numbered.migrationBytes.map((migrationBytes) => ({ migrationBytes }));
        const flows = numbered.flows.map(([from, to, bytesPerSecond]) => ({ from, to, bytesPerSecond }));
        const groups = 'groups' in limit ? limit.groups : null;
        const oracle = { cap, weights: [...graph.weights], groups };
        const least = leastSplitBytes({ domains, flows }, oracle, linkBytesPerSecond);
        const all = flows.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0) * plan.seconds;
        expect(Math.abs(plan.splitBytes - least)).toBeLessThanOrEqual(1e-9 * all);
        expect(plan.splitIsOptimal).toBe(true);
        if (groups !== null) expect(plan.steps).toHaveLength(groups);
      }),
      { numRuns: 150 },
    );
  });

  it('splits no more than the least cut in its best order where it can only search', () => {
    const random = seededRandom(11);
    const upTo = (limit: number) => Math.floor(random() * limit);
    const names = Array.from({ length: 40 }, (_, index) => `d${index}`);
    const domains = names.map((name) => ({ name, migrationBytes: 1 + upTo(1000) }));
    const flows = names.flatMap((from) =>
      [0, 1, 2].map(() => ({ from, to: names[upTo(40)]!, bytesPerSecond: 1 + upTo(100) })),
    );
    for (const limit of [{ maxParallel: 4 }, { groups: 5 }]) {
      const duration = { linkBytesPerSecond: 1 };
      const plan = planGroups({ domains, flows }, { limit, duration });
      const numbered = numberApplication({ domains, flows });
      const problem = partitionProblem(numbered, limit);
      const groups = new Map<number, number[]>();
      for (const [domain, group] of partition(problem, 1).groupOf.entries()) {
        groups.set(group, [...(groups.get(group) ?? []), domain]);
      }
      const cutFirst = sequenceGroups(numbered, [...groups.values()], { duration, ties: 'sources-first', seed: 1 });
      expect(plan.splitBytes).toBeLessThan(cutFirst.splitBytes);
      expect(plan.steps.flatMap((step) => step.domains).toSorted()).toEqual(names.toSorted());
      const loads = plan.steps.map((step) => ('groups' in limit ? step.migrationBytes : step.domains.length));
      expect(Math.max(...loads)).toBeLessThanOrEqual(problem.cap);
      expect(plan.steps.length).toBe('groups' in limit ? limit.groups : plan.steps.length);
    }
  });
});

describe('chooseFirstAndLast', () => {
  const anyTiers = fc
    .array(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 })
    .map((tiers) =>
      tiers.map((sizes, tier) => ({
        name: `t${tier}`,
        replicas: sizes.map((migrationBytes, index) => ({ name: `t${tier}r${index}`, migrationBytes })),
      })),
    );

  it('moves every replica once, and keeps one of each tier on both sides in between, or says which it cannot', () => {
    fc.assert(
      fc.property(anyTiers, (tiers) => {
        const plan = chooseFirstAndLast(tiers);
        const all = tiers.flatMap(({ replicas }) => replicas.map(({ name }) => name));
        expect(plan.groups.flat().toSorted()).toEqual(all.toSorted());
        for (const [index, { replicas }] of tiers.entries()) {
          const here = replicas.map(({ name }) => name);
          expect(here.filter((name) => plan.last.includes(name))).toEqual([plan.constraints[index]!.last]);
          expect(here.filter((name) => plan.first.includes(name))).toHaveLength(replicas.length > 1 ? 1 : 0);
        }
        expect(plan.bothSidesServe).toBe(tiers.every(({ replicas }) => replicas.length > 1));
      }),
    );
  });
});
