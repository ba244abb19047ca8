// SPDX-License-Identifier: MIT
// `sync`: brings /lab in the running hosts up to what was just built. Only files that differ travel, since ssh is slow under
// emulation; programs that run keep the file they started from.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { hashFolder } from './hashes.mjs';
import { requireBuild, stageHostFiles } from './host-files.mjs';
import { debianKernel } from './kernel.mjs';
import { inHost } from './ssh.mjs';

/** @param {import('./registry.mjs').Lab} lab @param {(line: string) => void} say */
export async function sync(lab, say) {
  await requireBuild();
  const stage = await mkdtemp(join(lab.folder, 'sync-'));
  try {
    await stageHostFiles(await debianKernel(), stage);
    const wanted = await hashFolder(stage);
    await Promise.all(
      lab.hosts.map(async ({ number }) => {
        const changed = await syncHost(lab, number, stage, wanted);
        say(`host ${number}: ${changed} of ${wanted.size} files replaced`);
      }),
    );
  } finally {
    await rm(stage, { recursive: true });
  }
}

/**
 * @param {import('./registry.mjs').Lab} lab @param {number} host @param {string} stage @param {Map<string, string>} wanted
 * @returns {Promise<number>} how many files were sent
 */
async function syncHost(lab, host, stage, wanted) {
  const listing = await inHost(lab, host, 'cd /lab && find . -type f -exec sha256sum {} +');
  const present = new Map(
    listing
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(68), line.slice(0, 64)]),
  );
  const changed = [...wanted.keys()].filter((name) => present.get(name) !== wanted.get(name));
  const gone = [...present.keys()].filter((name) => !wanted.has(name));
  if (gone.length > 0) await inHost(lab, host, 'cd /lab && xargs -0 rm -f --', { input: gone.join('\0') });
  if (changed.length > 0) {
    // Unpacking costs an emulated CPU less than deciphering the same bytes.
    const archive = `${stage}-${host}.tar.gz`;
    await run('tar', ['-czf', archive, '-C', stage, '--null', '-T', '-'], { input: changed.join('\0') });
    await inHost(lab, host, 'tar -xzf - -C /lab', { input: await readFile(archive), timeoutMs: 300_000 });
    await rm(archive);
  }
  return changed.length;
}
