import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as api from '../../src/index.ts';

const { errorCodes, VmbuddiesError } = api;

const junk: readonly unknown[] = [
  undefined,
  null,
  {},
  [],
  Number.NaN,
  -1,
  1e300,
  '',
  'nothing',
  true,
  Symbol('junk'),
  10n,
  () => {},
  [null],
  [{}],
  ['text'],
  { domains: [null], flows: 3, to: 7, limit: {}, application: { domains: [{}] }, windowMs: -1, registry: 7 },
  { domains: [{ name: 'a' }], flows: [], linkBytesPerSecond: 1, limit: null, duration: null, to: '' },
];

/** Those that have none, and the error itself, which must never fail. */
const withoutArguments = new Set([
  'VmbuddiesError',
  'defaultRegistry',
  'defaultJournalFolder',
  'probeXen',
  'probeTrackers',
]);

/** Alone, after each of these as the first argument, and before one that may be right. */
const argumentLists = [
  [],
  ...junk.map((value) => [value]),
  ...[{}, [], 'x', 1].flatMap((first) => junk.map((value) => [first, value])),
  ...junk.map((value) => [value, 1e6, 10, {}]),
  ...junk.map((value) => [[{ memoryBytes: 1e6, wwsBytes: 1, dirtyBytesPerSecond: 1 }], 1e6, 10, value]),
];

const callable = Object.entries(api).filter(([, value]) => typeof value === 'function') as [
  string,
  (...args: unknown[]) => unknown,
][];

/** Calls or constructs it and follows what comes back to its end: a promise, an iteration, a run. */
async function useUp(name: string, callee: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<void> {
  const isClass = /^[A-Z]/.test(name);
  const result = await (isClass ? Reflect.construct(callee, args) : callee(...args));
  if (typeof result !== 'object' || result === null) return;
  if (name === 'openReceiver') return await (result as api.Receiver).close();
  if (/^measure/.test(name)) await (result as AsyncIterator<unknown>).next();
  if ('result' in result) await result.result;
}

const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-junk-'));

beforeAll(() => {
  vi.stubEnv('VMBUDDIES_REGISTRY', folder);
  vi.stubEnv('XDG_STATE_HOME', folder);
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('every exported function', () => {
  it.each(callable)('%s takes any arguments or throws a VmbuddiesError', async (name, callee) => {
    let refused = 0;
    for (const args of argumentLists) {
      try {
        await useUp(name, callee, args);
      } catch (error) {
        expect(error, `${name}${inspect(args)}`).toBeInstanceOf(VmbuddiesError);
        expect(errorCodes).toContain((error as api.VmbuddiesError).code);
        expect((error as Error).message).not.toMatch(/\[object|\bundefined is not|Cannot (read|destructure)/);
        refused++;
      }
    }
    expect(refused > 0, `${name} refused ${refused} of ${argumentLists.length}`).toBe(!withoutArguments.has(name));
  });
});
