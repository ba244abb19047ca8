import { describe, expect, it } from 'vitest';
import { native } from '../../src/native/load.ts';
import type { NativeRound } from '../../src/native/migration-contract.ts';

const addon = native();

const round = (
  round: number,
  sentPages: number,
  dirtiedPages: number,
  more: Partial<NativeRound> = {},
): NativeRound => ({
  round,
  kind: 'precopy',
  sentPages,
  zeroPages: 0,
  skippedPages: 0,
  deferredPages: 0,
  unsentPages: 0,
  dirtiedPages,
  sentBytes: sentPages * 4104,
  seconds: 1,
  logSeconds: 0,
  ...more,
});

describe('evaluateStopRule', () => {
  it.each([
    ['xen-modern', 0, [round(0, 1000, 500)], null],
    ['xen-modern', 0, [round(0, 1000, 49)], 'dirty-pages'],
    ['xen-modern', 0, [0, 1, 2, 3, 4].map((index) => round(index, 1000, 500)), 'rounds'],
    ['xen-legacy', 0, [round(0, 1000, 900), round(1, 2000, 900)], 'traffic'],
    ['converged', 0, [round(0, 1000, 500), round(1, 500, 490), round(2, 490, 490)], 'converged'],
    ['downtime', 0, [round(0, 1000, 300)], 'downtime'],
    ['downtime', 0, [round(0, 1000, 400)], null],
    ['downtime', 0.5, [round(0, 1000, 400)], 'downtime'],
  ] as const)('judges by %s with a budget of %d s', (rule, budget, rounds, limit) => {
    const reason = addon.evaluateStopRule(rule, budget, rounds);
    if (limit === null) expect(reason).toBeNull();
    else expect(reason).toEqual({ rule, limit, message: expect.stringMatching(/\.$/) });
  });

  it.each([
    [['never', 0, [round(0, 1, 1)]], 'there is no stop rule called "never"'],
    [['converged', 0, []], 'at least one round'],
    [['converged', 0, {}], 'at least one round'],
    [['converged', 0, [1]], 'rounds[0] must be an object'],
    [['converged', 0, [round(0, 1, 1), { ...round(1, 1, 1), sentPages: -1 }]], 'sentPages'],
    [['converged', 0, [round(0, 1.5, 1)]], 'sentPages'],
  ] as const)('refuses %j', (args, message) => {
    const call = addon.evaluateStopRule as (...args: readonly unknown[]) => unknown;
    expect(() => call(...args)).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
    expect(() => call(...args)).toThrow(message);
  });
});

describe('trafficLeft', () => {
  it('counts what is left of three times the memory, and knows no limit without one', () => {
    expect(addon.trafficLeft('xen-legacy', 1000, 2900)).toBe(100);
    expect(addon.trafficLeft('xen-legacy', 1000, 4000)).toBe(0);
    expect(addon.trafficLeft('converged', 1000, 4000)).toBe(Number.POSITIVE_INFINITY);
  });
});
