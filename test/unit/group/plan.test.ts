import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/group/application.ts';
import { planGroups } from '../../../src/group/plan.ts';

/** Two shops of a web server and a database each, which tell each other what is in stock. */
const shops: Application = {
  domains: [
    { name: 'web-east', migrationBytes: 100 },
    { name: 'web-west', migrationBytes: 100 },
    { name: 'db-east', migrationBytes: 300 },
    { name: 'db-west', migrationBytes: 300 },
  ],
  flows: [
    { from: 'web-east', to: 'db-east', bytesPerSecond: 50 },
    { from: 'web-west', to: 'db-west', bytesPerSecond: 60 },
    { from: 'db-east', to: 'db-west', bytesPerSecond: 1 },
    { from: 'db-west', to: 'db-east', bytesPerSecond: 2 },
  ],
};
const duration = { linkBytesPerSecond: 100 };

describe('planGroups', () => {
  it('keeps together who talks most, and counts what is split until the last has moved', () => {
    const plan = planGroups(shops, { limit: { groups: 2 }, duration });
    expect(plan).toMatchObject({
      cutBytesPerSecond: 3,
      cutIsOptimal: true,
      orderIsOptimal: true,
      seconds: 8,
      splitBytes: 4 * 3,
    });
    // The western database sends the eastern one more than it gets from it: it is the source.
    expect(plan.steps).toEqual([
      { domains: ['web-west', 'db-west'], migrationBytes: 400, seconds: 4, splitBytesPerSecond: 0 },
      { domains: ['web-east', 'db-east'], migrationBytes: 400, seconds: 4, splitBytesPerSecond: 3 },
    ]);
  });

  it('starts with the sink if asked to', () => {
    const plan = planGroups(shops, { limit: { groups: 2 }, duration, ties: 'sinks-first' });
    expect(plan.steps.map(({ domains }) => domains)).toEqual([
      ['web-east', 'db-east'],
      ['web-west', 'db-west'],
    ]);
  });

  it('compares with one by one, in its best order, and with all at once', () => {
    const { oneByOne, allAtOnce } = planGroups(shops, { limit: { groups: 2 }, duration });
    // db-west 3 s, web-west 63 × 1 s, db-east 3 × 3 s, web-east 50 × 1 s is the best of the 24 orders.
    expect(oneByOne).toMatchObject({ seconds: 8, splitBytes: 63 + 9 + 50 });
    expect(oneByOne.steps.map(({ domains }) => domains)).toEqual([
      ['db-west'],
      ['web-west'],
      ['db-east'],
      ['web-east'],
    ]);
    expect(allAtOnce).toMatchObject({ seconds: 8, splitBytes: 0 });
    expect(allAtOnce.steps).toHaveLength(1);
  });

  it('takes predicted times, which know what moving together costs', () => {
    const predictSeconds = (domains: readonly string[]) => domains.length ** 2;
    const plan = planGroups(shops, { limit: { maxParallel: 2 }, duration: { predictSeconds } });
    expect(plan).toMatchObject({ seconds: 8, splitBytes: 12 });
    expect(plan.oneByOne.seconds).toBe(4);
    expect(plan.allAtOnce.seconds).toBe(16);
  });

  it('moves all at once if the limit allows it, and one by one if it asks for it', () => {
    expect(planGroups(shops, { limit: { maxParallel: 4 }, duration }).steps).toHaveLength(1);
    const single = planGroups(shops, { limit: { maxGroupBytes: 300 }, duration });
    expect(single.steps).toEqual(single.oneByOne.steps);
    expect(single.cutBytesPerSecond).toBe(113);
  });

  it('counts flows where only the topology is known', () => {
    const topology = shops.flows.map((flow) => ({ ...flow, bytesPerSecond: 1 }));
    const plan = planGroups({ ...shops, flows: topology }, { limit: { groups: 2 }, duration });
    expect(plan.cutBytesPerSecond).toBe(2);
  });

  it('refuses wrong options by name', () => {
    const limit = { groups: 2 };
    const wrong = (message: string) => expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message });
    expect(() => planGroups(shops, { limit, duration: { linkBytesPerSecond: 0 } })).toThrow(
      wrong('linkBytesPerSecond must be a finite number above zero, not 0'),
    );
    expect(() => planGroups(shops, { limit, duration: { predictSeconds: () => Number.NaN } })).toThrow(
      /predictSeconds of .* must be a finite number of at least 0, not NaN/,
    );
    expect(() => planGroups(shops, { limit, duration, seed: 0.5 })).toThrow(
      wrong('seed must be an integer in [0, 4294967295], not 0.5'),
    );
    expect(() => planGroups(shops, { limit, duration, ties: 'any' as 'sinks-first' })).toThrow(
      wrong(`ties must be 'sources-first' or 'sinks-first', not "any"`),
    );
  });
});
