import { describe, expect, it } from 'vitest';
import { orderGroups } from '../../../src/group/order.ts';
import { OrderProblem } from '../../../src/group/order-problem.ts';

const chain = [
  [0, 1, 10],
  [1, 2, 10],
] as const;

describe('orderGroups', () => {
  it('walks a chain along its flows, or against them if sinks are to go first', () => {
    const equal = [1, 1, 1];
    expect(orderGroups(new OrderProblem(equal, chain, 'sources-first'), 1).order).toEqual([0, 1, 2]);
    expect(orderGroups(new OrderProblem(equal, chain, 'sinks-first'), 1).order).toEqual([2, 1, 0]);
  });

  it('moves first what takes longest, as nothing is split until it has moved', () => {
    const { order, optimal } = orderGroups(new OrderProblem([1, 1, 30], chain, 'sources-first'), 1);
    expect(order).toEqual([2, 1, 0]);
    expect(optimal).toBe(true);
  });

  it('lets less traffic weigh more than the direction of the flows', () => {
    const problem = new OrderProblem([1, 2], [[0, 1, 10]], 'sources-first');
    expect(orderGroups(problem, 1).order).toEqual([1, 0]);
    expect(problem.splitBytes([1, 0])).toBe(10);
    expect(problem.splitBytes([0, 1])).toBe(20);
  });

  it('finds the way along a chain of more groups than it can prove', () => {
    const chainOf40 = Array.from({ length: 39 }, (_, group) => [group, group + 1, 1] as const);
    const problem = new OrderProblem(new Array(40).fill(1), chainOf40, 'sources-first');
    const { order, optimal } = orderGroups(problem, 1);
    expect(problem.splitBytes(order)).toBe(39);
    expect(optimal).toBe(false);
  });
});

describe('OrderProblem', () => {
  it('splits nothing before the first group has moved and nothing after the last', () => {
    const problem = new OrderProblem([1, 2, 3], [...chain, [2, 0, 1], [1, 1, 99]], 'sources-first');
    expect(problem.splitRates([0, 1, 2])).toEqual([0, 11, 11, 0]);
    expect(problem.splitRates([1, 0, 2])).toEqual([0, 20, 11, 0]);
    expect(problem.splitBytes([0, 1, 2])).toBe(2 * 11 + 3 * 11);
  });
});
