// SPDX-License-Identifier: MIT
// What a thing is, as one number: how the cache and `sync` tell whether something has changed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** @param {string} file @returns {Promise<string>} SHA-256 of its content, in hexadecimal */
export async function hashFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** @param {string} folder @returns {Promise<Map<string, string>>} SHA-256 of each file, by its path inside the folder */
export async function hashFolder(folder) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // Node 20.12 renamed `path` to `parentPath`.
    const file = join(entry.parentPath ?? entry.path, entry.name);
    found.set(relative(folder, file), await hashFile(file));
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}
