/**
 * Reading application and scenario files (docs/application-files.md). Nothing here is loaded by who reads none: the
 * libraries that read YAML and check it take longer to load than everything else together.
 */

import { open } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { VmbuddiesError } from '../errors.ts';
import { argumentError, requireText, shown } from '../model/check.ts';
import type { PlannedApplication } from '../plan/application.ts';
import type { Scenario } from '../plan/scenario.ts';

/** Longer than any file a person writes. */
const mostBytes = 2 ** 20;

/**
 * @throws {InvalidFileError} with all problems, each with its line and column
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT if the file cannot be read or is longer than 1 MiB
 */
export async function readApplicationFile(file: string): Promise<PlannedApplication> {
  const { parseApplication } = await import('./application-file.ts');
  return parseApplication(await readText(file), file);
}

/**
 * Reads a scenario and, if it names one, its application file.
 * @throws {InvalidFileError} with all problems, each with its file, line and column
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT if a file cannot be read or is longer than 1 MiB
 */
export async function readScenarioFile(file: string): Promise<Scenario> {
  const { parseScenario } = await import('./scenario-file.ts');
  return await parseScenario(await readText(file), file, async (name) => {
    const applicationFile = isAbsolute(name) ? name : join(dirname(file), name);
    return { file: applicationFile, text: await readText(applicationFile) };
  });
}

/** The JSON schema of a kind of file, for editors. */
export async function fileSchema(kind: 'application' | 'scenario'): Promise<object> {
  if (kind !== 'application' && kind !== 'scenario') {
    throw argumentError(`there is a schema for 'application' and one for 'scenario', not for ${shown(kind)}`);
  }
  const { jsonSchema } = await import('./json-schema.ts');
  return jsonSchema(kind);
}

async function readText(file: string): Promise<string> {
  requireText('file', file);
  const bytes = await readUpTo(file, mostBytes + 1);
  if (bytes.length > mostBytes) throw unreadable(file, 'it is longer than 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(file, 'it is not text in UTF-8', cause);
  }
}

/** Also of what has no length beforehand, such as a pipe. */
async function readUpTo(file: string, limit: number): Promise<Uint8Array> {
  try {
    await using handle = await open(file, 'r');
    const buffer = new Uint8Array(limit);
    let length = 0;
    for (let bytesRead = -1; bytesRead !== 0 && length < limit; length += bytesRead) {
      ({ bytesRead } = await handle.read(buffer, length, limit - length, null));
    }
    return buffer.subarray(0, length);
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause);
  }
}

function unreadable(file: string, why: string, cause?: unknown): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${file} cannot be read: ${why}`, { cause });
}
