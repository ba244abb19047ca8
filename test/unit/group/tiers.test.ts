import { describe, expect, it } from 'vitest';
import { chooseFirstAndLast, type Tier } from '../../../src/group/tiers.ts';

function tier(name: string, ...migrationBytes: number[]): Tier {
  return {
    name,
    replicas: migrationBytes.map((bytes, index) => ({ name: `${name}${index + 1}`, migrationBytes: bytes })),
  };
}

describe('chooseFirstAndLast', () => {
  it('takes one replica of each tier first and another last, as in Fig. 9a with 2, 3 and 4 replicas', () => {
    const plan = chooseFirstAndLast([tier('web', 1, 1), tier('app', 1, 1, 1), tier('db', 1, 1, 1, 1)]);
    expect(plan).toMatchObject({
      first: ['web1', 'app1', 'db1'],
      between: ['db3', 'app3', 'db4'],
      last: ['web2', 'app2', 'db2'],
      bothSidesServe: true,
    });
    expect(plan.groups).toEqual([plan.first, ['db3'], ['app3'], ['db4'], plan.last]);
    expect(plan.constraints[1]).toEqual({
      tier: 'app',
      first: 'app1',
      last: 'app2',
      reason: 'app serves at the destination with app1 and at the source with app2',
    });
  });

  it('moves the lightest replicas together and leaves the heavy ones the whole link', () => {
    const plan = chooseFirstAndLast([tier('web', 7, 5, 6), tier('db', 40, 10, 30, 20)]);
    expect(plan).toMatchObject({ first: ['web2', 'db2'], between: ['db3', 'web1', 'db1'], last: ['web3', 'db4'] });
  });

  it('keeps the only replica of a tier for the last group, and says what that means', () => {
    const plan = chooseFirstAndLast([tier('web', 1, 1), tier('db', 1)]);
    expect(plan).toMatchObject({ first: ['web1'], between: [], last: ['web2', 'db1'], bothSidesServe: false });
    expect(plan.constraints[1]).toEqual({
      tier: 'db',
      first: null,
      last: 'db1',
      reason: 'db has one replica: until it moves, with the last group, only the source can serve',
    });
  });

  it('moves all together if there are no replicas at all', () => {
    const plan = chooseFirstAndLast([tier('web', 1), tier('db', 1)]);
    expect(plan.groups).toEqual([['web1', 'db1']]);
    expect(plan.bothSidesServe).toBe(false);
  });

  it('refuses tiers it cannot plan for', () => {
    const wrong = (message: string) => expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message });
    expect(() => chooseFirstAndLast([])).toThrow(wrong('an application has at least one tier'));
    expect(() => chooseFirstAndLast([tier('web')])).toThrow(wrong('the tier web has no replicas'));
    expect(() => chooseFirstAndLast([tier('web', 1), tier('web', 1)])).toThrow(
      wrong('there are two domains named web1'),
    );
    expect(() => chooseFirstAndLast([tier('web', Number.NaN)])).toThrow(
      wrong('migrationBytes of web1 must be a finite number above zero, not NaN'),
    );
  });
});
