import type { GroupOutcome } from '../../src/arbitrate/protocol-messages.ts';
import { Graph } from './graph.ts';
import { type Broken, invariants } from './invariants.ts';
import type { State, World } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The longest of all shortest ways from the start to a state. */
  readonly depth: number;
  /** States in which the arbitrator has finished, by the outcome it told. */
  readonly ends: Readonly<Record<GroupOutcome, number>>;
  readonly violation: Violation | null;
}

export interface Violation {
  readonly invariant: Broken;
  /** The shortest run that leads to it, one line a step. */
  readonly trace: readonly string[];
}

/**
 * Walks breadth first through every state the world can get into, checks the invariants in each, and at the end I5: that
 * from each a settled end can be reached without another fault. Stops at the first violation.
 */
export function explore(world: World): Exploration {
  const graph = new Graph(world.key(world.initial));
  const ends = { committed: 0, aborted: 0, partial: 0, unknown: 0 };
  let transitions = 0;
  let depth = 0;
  const result = (violation: Violation | null): Exploration => ({
    states: graph.size,
    transitions,
    depth,
    ends,
    violation,
  });
  for (let from = 0, levelEnd = 0; from < graph.size; from += 1) {
    if (from > levelEnd) {
      depth += 1;
      levelEnd = graph.size - 1;
    }
    const found: { invariant: Broken; key: number }[] = [];
    const state = world.stateOf(graph.keyOf(from));
    const outcome = world.outcome(state);
    if (outcome !== null) ends[outcome] += 1;
    world.visit(state, (to, _who, _what, benign, broken) => {
      transitions += 1;
      const key = world.key(to);
      const known = graph.size;
      const index = graph.add(key, from);
      if (benign) graph.connect(from, index);
      const invariant = (index === known ? world.check(to) : null) ?? broken;
      if (invariant !== null) found.push({ invariant, key });
    });
    const [first] = found;
    if (first !== undefined) {
      return result({ invariant: first.invariant, trace: retell(world, [...graph.wayTo(from), first.key]) });
    }
  }
  const stuck = graph.firstWithoutWayTo((key) => world.isSettled(world.stateOf(key)));
  return result(stuck === null ? null : { invariant: 'I5', trace: retell(world, graph.wayTo(stuck)) });
}

/** One line for a test's output. */
export function summary({ states, transitions, depth, violation }: Exploration): string {
  const verdict =
    violation === null
      ? 'invariants I1-I4 hold, and so do I5 and I6'
      : `${violation.invariant} is broken: ${invariants[violation.invariant]}`;
  return `protocol explorer: ${states} states, ${transitions} transitions, depth ${depth}, ${verdict}`;
}

/** Walks a way of keys again with the domains kept apart, so that each step can be named. */
function retell(world: World, way: readonly number[]): string[] {
  let state = world.initial;
  return way.slice(1).map((key) => {
    const steps: { line: string; to: State; guilty: boolean }[] = [];
    world.visit(state, (to, who, what, _benign, broken) => {
      if (world.key(to) !== key) return;
      const deed = typeof what === 'string' ? what : `hears ${JSON.stringify(what)}`;
      steps.push({ line: `${who < 0 ? 'arbitrator' : `d${who}`} ${deed}`, to, guilty: broken !== null });
    });
    const taken = steps.find(({ guilty }) => guilty) ?? steps[0]!;
    state = taken.to;
    return taken.line;
  });
}
