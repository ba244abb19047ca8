import { describe, expect, it } from 'vitest';
import { numberApplication } from '../../../src/group/application.ts';
import { balancedCap, type GroupLimit, partitionProblem } from '../../../src/group/limit.ts';

const wrong = (message: string) => expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message });

describe('balancedCap', () => {
  it('is the even share, rounded up, for domains of one size', () => {
    const ones = (count: number) => Array.from({ length: count }, () => 1);
    expect(balancedCap(ones(9), 3)).toBe(3);
    expect(balancedCap(ones(10), 3)).toBe(4);
    expect(balancedCap(ones(11), 3)).toBe(4);
    expect(balancedCap(ones(20), 7)).toBe(3);
  });

  it('leaves room for what cannot be divided evenly', () => {
    // Three of 2 in two groups: one group has two of them, although the even share is 3.
    expect(balancedCap([2, 2, 2], 2)).toBe(4);
  });

  it('is the heaviest domain where one outweighs the rest', () => {
    expect(balancedCap([100, 1, 1, 1], 4)).toBe(100);
    expect(balancedCap([8, ...Array.from({ length: 12 }, () => 1)], 4)).toBe(8);
    expect(balancedCap([8, 8, ...Array.from({ length: 12 }, () => 1)], 4)).toBe(8);
  });

  it('is everything for one group', () => {
    expect(balancedCap([5, 7, 1], 1)).toBe(13);
  });
});

describe('partitionProblem', () => {
  const application = numberApplication({
    domains: [
      { name: 'web', migrationBytes: 10 },
      { name: 'app', migrationBytes: 20 },
      { name: 'db', migrationBytes: 29.5 },
    ],
    flows: [],
  });
  const limits = (limit: GroupLimit) => {
    const { graph, ...rest } = partitionProblem(application, limit);
    return { weights: [...graph.weights], ...rest };
  };

  it('weighs domains by their bytes, in whole ones, if groups are to be balanced', () => {
    expect(limits({ groups: 2 })).toEqual({ weights: [10, 20, 30], cap: 30, leastGroups: 2, mostGroups: 2 });
  });

  it('counts domains if their number is limited', () => {
    expect(limits({ maxParallel: 2 })).toEqual({ weights: [1, 1, 1], cap: 2, leastGroups: 1, mostGroups: 3 });
    expect(limits({ maxParallel: 3 })).toEqual({ weights: [1, 1, 1], cap: 3, leastGroups: 1, mostGroups: 1 });
  });

  it('allows as many groups as no two of which would fit together', () => {
    expect(limits({ maxGroupBytes: 30 })).toEqual({ weights: [10, 20, 30], cap: 30, leastGroups: 1, mostGroups: 3 });
  });

  it('refuses limits that no groups can meet, and says why', () => {
    const refusal = (limit: GroupLimit) => () => partitionProblem(application, limit);
    expect(refusal({ maxGroupBytes: 29 })).toThrow(wrong('db alone has 30 bytes to send, over maxGroupBytes (29)'));
    expect(refusal({ groups: 4 })).toThrow(wrong('groups must be an integer in [1, 3], not 4'));
    expect(refusal({ maxParallel: 0 })).toThrow(
      wrong(`maxParallel must be an integer in [1, ${Number.MAX_SAFE_INTEGER}], not 0`),
    );
  });
});

describe('numberApplication', () => {
  const domains = [{ name: 'web', migrationBytes: 10 }];

  it('refuses names it cannot tell apart or does not know', () => {
    expect(() => numberApplication({ domains: [...domains, ...domains], flows: [] })).toThrow(
      wrong('there are two domains named web'),
    );
    expect(() => numberApplication({ domains, flows: [{ from: 'web', to: 'db', bytesPerSecond: 1 }] })).toThrow(
      wrong('a flow names db, which is not among the domains'),
    );
  });

  it('refuses nothing to move, and sizes and rates that are none', () => {
    expect(() => numberApplication({ domains: [], flows: [] })).toThrow(
      wrong('the number of domains must be an integer in [1, 2000], not 0'),
    );
    expect(() => numberApplication({ domains: [{ name: 'web', migrationBytes: 0 }], flows: [] })).toThrow(
      wrong('migrationBytes of web must be a finite number above zero, not 0'),
    );
    expect(() => numberApplication({ domains, flows: [{ from: 'web', to: 'web', bytesPerSecond: -1 }] })).toThrow(
      wrong('bytesPerSecond from web to web must be a finite number of at least 0, not -1'),
    );
    expect(() => numberApplication({ domains: [{ name: 'web', migrationBytes: 2 ** 54 }], flows: [] })).toThrow(
      wrong('the domains have 18014398509481984 bytes to send, more than 2^53'),
    );
  });
});
