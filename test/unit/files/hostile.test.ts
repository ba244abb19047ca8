import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseApplication } from '../../../src/files/application-file.ts';
import { InvalidFileError } from '../../../src/files/invalid-file.ts';
import { parseScenario } from '../../../src/files/scenario-file.ts';

const read = async () => ({ file: 'app.yaml', text: '{}' });

/** Either it is a file of its kind, or every problem has a place in it and says something. */
async function isUnderstood(text: string): Promise<void> {
  const attempts = await Promise.allSettled([
    (async () => parseApplication(text, 'app.yaml'))(),
    parseScenario(text, 's.yaml', read),
  ]);
  for (const attempt of attempts) {
    if (attempt.status === 'fulfilled') continue;
    expect(attempt.reason).toBeInstanceOf(InvalidFileError);
    for (const { line, column, message } of (attempt.reason as InvalidFileError).problems) {
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
      expect(message).not.toMatch(/undefined|\[object|^$/);
    }
  }
}

const known = [
  'name',
  'domains',
  'flows',
  'memory',
  'workload',
  'kind',
  'wws',
  'from',
  'to',
  'rate',
  'application',
  'faults',
];
const key = fc.oneof(fc.constantFrom(...known, 'type', 'when', 'link', 'steady'), fc.string({ maxLength: 4 }));
const leaf = fc.oneof(
  key,
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('1GiB', '1MB/s', '60s', '9/s'),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
  ),
}));

describe('files that nobody meant to be read', () => {
  it.each([
    'a: &a [*a]',
    'domains: &d [*d]',
    'domains: [{ name: x, workload: &w { kind: *w } }]',
    '*none',
    '__proto__: { a: 1 }',
  ])('are refused: %s', isUnderstood);

  it('are refused in words, whatever their shape', async () => {
    await fc.assert(
      fc.asyncProperty(tree, (value) => isUnderstood(stringify(value))),
      { numRuns: 300 },
    );
  });

  it('are refused in words, whatever their letters', async () => {
    const letters = fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*!|>?#"\' \n\t,%@0'), maxLength: 60 });
    await fc.assert(fc.asyncProperty(letters, isUnderstood), { numRuns: 500 });
  });
});
