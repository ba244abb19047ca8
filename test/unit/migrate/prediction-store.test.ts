import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filedPredictions } from '../../../src/migrate/prediction-store.ts';

const entry = { key: 'turns converged', completion: 0.1, traffic: -0.2, downtime: null };

describe('the file of prediction errors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vmbuddies-predictions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back what was written, from a folder that need not be there', async () => {
    const store = filedPredictions(join(folder, 'state'));
    expect(await store.read()).toEqual([]);
    await store.write([entry]);
    expect(await store.read()).toEqual([entry]);
  });

  it.each([
    ['half a file', '[{"key":"turns'],
    ['something else', '{"log":[]}'],
    ['entries that are none', '[null, 3, {"key":"web","completion":"much","traffic":0,"downtime":0}]'],
  ])('takes %s for an empty log', async (_, text) => {
    writeFileSync(join(folder, 'predictions.json'), text);
    expect(await filedPredictions(folder).read()).toEqual([]);
  });

  it('keeps the entries that are whole', async () => {
    writeFileSync(
      join(folder, 'predictions.json'),
      JSON.stringify([entry, { key: 7 }, { domain: 'turns web', completion: 0, traffic: 0, downtime: 0 }]),
    );
    expect(await filedPredictions(folder).read()).toEqual([entry]);
  });
});
