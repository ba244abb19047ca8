import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { VmbuddiesError } from '../../../src/errors.ts';
import { parseApplication } from '../../../src/files/application-file.ts';
import { InvalidFileError } from '../../../src/files/invalid-file.ts';
import { parseScenario } from '../../../src/files/scenario-file.ts';
import { planMigration } from '../../../src/plan/plan-migration.ts';
import { simulateScenario } from '../../../src/plan/scenario.ts';

const writes = { wws: 1_000_000, hot: 100_000, hotWrites: 500, coldWrites: 50 };

/** An ordinary application that uses every numeric key there is. */
const application = {
  domains: [
    { name: 'a', memory: 4_000_000, used: 3_000_000, noise: 0.1, dirtyRate: 1e5, wws: 500_000, coldRate: 1e4 },
    {
      name: 'b',
      memory: 4_000_000,
      used: 3_000_000,
      workload: { kind: 'on-off', ...writes, low: 0.2, duty: 0.3, period: 4000, phase: 0.1 },
    },
    {
      name: 'c',
      memory: 4_000_000,
      workload: {
        kind: 'trace',
        ...writes,
        levels: [
          [1000, 1],
          [2000, 0.3],
        ],
        phase: 0.1,
      },
    },
    {
      name: 'd',
      memory: 4_000_000,
      workload: { kind: 'waves', ...writes, low: 0.2, period: 4000, phase: 0.1 },
    },
  ],
  flows: [{ from: 'a', to: 'b', rate: 1e4 }],
};

const scenario = {
  application,
  link: 1e9,
  latency: 1,
  loss: 0.01,
  maxDowntime: 60_000,
  profile: 500,
  startAt: 1000,
  seed: 1,
  runs: 1,
  faults: [{ type: 'abort', at: 1e6 }],
};

type Place = readonly (string | number)[];

function numbersOf(value: unknown, path: Place = []): Place[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    numbersOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function changed<T>(value: T, changes: readonly (readonly [Place, unknown])[]): T {
  const copy = structuredClone(value) as never;
  for (const [path, extreme] of changes) {
    let at: Record<string | number, never> = copy;
    for (const step of path.slice(0, -1)) at = at[step]!;
    at[path.at(-1)!] = extreme as never;
  }
  return copy;
}

const extremes = [0, 1e-300, 1e-9, 1, 1e6, 1e12, 2 ** 46, 2 ** 53, 1e300, Number.POSITIVE_INFINITY, -1];

/** All numbers in it are numbers, and it has no other. */
function expectFinite(figures: unknown): void {
  for (const path of numbersOf(figures)) {
    const value = path.reduce<never>((at, step) => at[step]!, figures as never) as number;
    expect(Number.isFinite(value), `${path.join('.')} is ${value}`).toBe(true);
  }
}

/** Refused in words that name a place or a limit; never with another error. */
async function understood(text: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = error as VmbuddiesError;
    expect({ code, text }).toEqual({ code: 'ERR_VMBUDDIES_ARGUMENT', text });
    expect(message).not.toMatch(/NaN|undefined|\[object/);
    if (error instanceof InvalidFileError) for (const { line } of error.problems) expect(line).toBeGreaterThan(0);
  }
}

async function plan(text: string, linkBytesPerSecond = 1e9): Promise<void> {
  await understood(text, async () => {
    const { predictions, warnings } = await planMigration(parseApplication(text, 'app.yaml'), {
      linkBytesPerSecond,
      strategies: ['turns'],
      runs: 1,
    });
    for (const { figures } of predictions) expectFinite(figures);
    expectFinite(warnings);
  });
}

async function simulate(text: string): Promise<void> {
  await understood(text, async () => {
    const parsed = await parseScenario(text, 's.yaml', () => Promise.reject(new Error('it names no file')));
    const { outcome, splitFlows } = await simulateScenario(parsed, 'turns', 0);
    expectFinite({ ...outcome, linkBytesPerSecond: 0, domains: outcome.domains.map(({ name }) => name) });
    expectFinite(splitFlows);
  });
}

describe('absurd numbers in a file', () => {
  it.each(numbersOf(application).map((path) => [path.join('.'), path] as const))(
    'are refused in words, or planned for: %s',
    async (_, path) => {
      for (const extreme of extremes) await plan(stringify(changed(application, [[path, extreme]])));
    },
  );

  it.each(numbersOf(scenario).map((path) => [path.join('.'), path] as const))(
    'are refused in words, or simulated: %s',
    async (_, path) => {
      for (const extreme of extremes) await simulate(stringify(changed(scenario, [[path, extreme]])));
    },
  );

  it('are refused in words, or simulated, in whatever company', async () => {
    const one = fc.tuple(fc.constantFrom(...numbersOf(scenario)), fc.constantFrom(...extremes));
    const some = fc.array(one, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(some, (changes) => simulate(stringify(changed(scenario, changes)))),
      { numRuns: 60 },
    );
  });

  it('are refused in words, or planned for, as the link of a plan', async () => {
    for (const link of extremes) await plan(stringify(application), link);
  });
});
