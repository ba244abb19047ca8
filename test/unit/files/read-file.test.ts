import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSchema, readApplicationFile, readScenarioFile } from '../../../src/files/read-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const argument = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: expect.stringMatching(message) });

describe('reading files', () => {
  it('refuses what is not there, what is a folder, what is too long and what is not text', async () => {
    const file = join(folder, 'app.yaml');
    await expect(readApplicationFile(file)).rejects.toEqual(argument(/app\.yaml cannot be read: ENOENT/));
    await expect(readApplicationFile(folder)).rejects.toEqual(argument(/cannot be read: EISDIR/));
    await expect(readApplicationFile('/dev/zero')).rejects.toEqual(argument(/it is longer than 1 MiB$/));
    writeFileSync(file, new Uint8Array([0xff, 0xfe, 0x41]));
    await expect(readApplicationFile(file)).rejects.toEqual(argument(/it is not text in UTF-8$/));
  });

  it.each(readdirSync(join(root, 'examples')))('takes the example %s', async (name) => {
    const file = join(root, 'examples', name);
    const isScenario = readFileSync(file, 'utf8').includes('schemas/scenario.json');
    const application = isScenario ? (await readScenarioFile(file)).application : await readApplicationFile(file);
    expect(application.domains.length).toBeGreaterThan(0);
  });

  it.each(['application', 'scenario'] as const)('has the JSON schema of %s files that is in schemas/', async (kind) => {
    const kept = JSON.parse(readFileSync(join(root, `schemas/${kind}.json`), 'utf8'));
    expect(await fileSchema(kind)).toEqual(kept);
  });
});
