// SPDX-License-Identifier: MIT
// Where things are on this machine.
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder. */
export const labFolder = dirname(fileURLToPath(import.meta.url));

/** The project whose build output is installed in the hosts. */
export const projectFolder = dirname(labFolder);

/** What is built once and used again: `$VMBUDDIES_LAB_CACHE`, else `vmbuddies-lab` in the user's cache folder. */
export const cacheFolder = resolve(
  process.env.VMBUDDIES_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vmbuddies-lab'),
);

/** One folder for each running lab, by name: `$VMBUDDIES_LAB_STATE`, else `run` in the cache folder. */
export const stateFolder = resolve(process.env.VMBUDDIES_LAB_STATE ?? join(cacheFolder, 'run'));
