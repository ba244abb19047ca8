import { describe, expect, it } from 'vitest';
import { brokenVariants } from './broken-variants.ts';
import { explore, summary } from './explorer.ts';
import { invariants } from './invariants.ts';
import { type Budgets, World } from './world.ts';

const noFaults: Budgets = { arbitratorCrashes: 0, agentFaults: 0, destinationFaults: 0, writeFailures: 0 };

describe('the group protocol, in every state it can get into', () => {
  it('keeps its invariants for three domains, two crashes of the arbitrator and one of each other fault', () => {
    const budgets = { arbitratorCrashes: 2, agentFaults: 1, destinationFaults: 1, writeFailures: 1 };
    const found = explore(new World(3, budgets));
    console.log(summary(found));
    expect(found.violation).toBeNull();
    expect(found.states).toBeGreaterThan(100_000);
    expect(Object.entries(found.ends).filter(([, states]) => states === 0)).toEqual([]);
  }, 240_000);

  it('keeps them when the arbitrator and the daemons of all three domains die, as with the machine they share', () => {
    const found = explore(new World(3, { ...noFaults, arbitratorCrashes: 1, agentFaults: 3 }));
    console.log(summary(found));
    expect(found.violation).toBeNull();
  }, 240_000);

  it.each([1, 2])(
    'keeps them for a group of %i under two faults of each kind',
    (count) => {
      const budgets = { arbitratorCrashes: 2, agentFaults: 2, destinationFaults: 2, writeFailures: 2 };
      const found = explore(new World(count, budgets));
      console.log(summary(found));
      expect(found.violation).toBeNull();
    },
    240_000,
  );

  it('never splits a group while messages alone are lost, late, repeated or out of order and arbitrators crash', () => {
    const found = explore(new World(3, { ...noFaults, arbitratorCrashes: 3, writeFailures: 2 }));
    console.log(summary(found));
    expect(found.violation).toBeNull();
    expect(found.ends.committed).toBeGreaterThan(0);
    expect(found.ends.partial).toBe(0);
  }, 240_000);
});

describe('the explorer', () => {
  it.each(brokenVariants)(
    'finds out that $mistake: $breaks',
    ({ breaks, faults, protocol, moves }) => {
      const world = new World(3, { ...noFaults, arbitratorCrashes: 1, ...faults }, protocol, moves);
      const { violation, states } = explore(world);
      const { length } = violation?.trace ?? [];
      console.log(`${breaks} (${invariants[breaks]}) is broken in ${length} steps, found after ${states} states`);
      expect(violation?.invariant).toBe(breaks);
    },
    60_000,
  );

  it('tells the shortest run that leads to a violation', () => {
    const variant = brokenVariants.find(({ breaks }) => breaks === 'I6');
    const { violation } = explore(new World(1, noFaults, variant?.protocol));
    expect(violation?.trace).toEqual([
      'd0 reaches its pseudo-synchropoint',
      'arbitrator hears {"type":"waiting","domain":"d0"}',
      'arbitrator hears {"type":"pausePredicted","pauseMs":501}',
    ]);
  });
});
