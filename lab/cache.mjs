// SPDX-License-Identifier: MIT
// Things that are built once and kept by what went into them. Safe when two labs build at once: each builds in a folder of
// its own, the first to finish wins the name, the other takes the winner's.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './places.mjs';

/** Unused for this long, a thing of an older recipe is removed when the next of its kind is built. */
const keepMs = 7 * 24 * 3600 * 1000;

/**
 * The folder of the `kind` that is made from `ingredients`; `build` fills it if it is not there yet.
 * @param {string} kind a word; part of the folder's name
 * @param {readonly string[]} ingredients everything that the result depends on: versions, hashes
 * @param {(folder: string) => Promise<void>} build fills the folder it is given
 * @returns {Promise<string>} the folder, complete
 */
export async function cached(kind, ingredients, build) {
  const key = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 16);
  const folder = join(cacheFolder, `${kind}-${key}`);
  const now = new Date();
  if (
    await utimes(folder, now, now).then(
      () => true,
      () => false,
    )
  )
    return folder;

  const draft = join(cacheFolder, `.${kind}-${key}-${process.pid}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  try {
    await build(draft);
    await rename(draft, folder).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeUnused(kind);
  return folder;
}

/** A host that still runs from a removed image keeps it: its QEMU holds the file open. @param {string} kind */
async function removeUnused(kind) {
  for (const name of await readdir(cacheFolder)) {
    if (!name.startsWith(`${kind}-`) && !name.startsWith(`.${kind}-`)) continue;
    const folder = join(cacheFolder, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > keepMs) await rm(folder, { recursive: true, force: true });
  }
}
