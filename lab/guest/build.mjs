// SPDX-License-Identifier: MIT
// Builds the initrd of the lab's guests: our program, and busybox for the rest. Debian's kernel has everything else built
// in (xenbus, the balloon driver, the console), so there are no modules in it.
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { makeInitrd } from '../images.mjs';

const flags = ['-std=gnu++20', '-O2', '-static', '-s', '-Wall', '-Wextra'];

/**
 * Needs g++, cpio and the package busybox-static.
 * @param {{ outFile: string }} options where the initrd is put, a gzipped cpio archive
 * @throws {import('../errors.mjs').LabError} with what the compiler said
 */
export async function buildGuestInitrd({ outFile }) {
  const here = import.meta.dirname;
  const tree = await mkdtemp(join(tmpdir(), 'vmbuddies-lab-guest-'));
  try {
    for (const folder of ['bin', 'dev', 'proc', 'sys']) await mkdir(join(tree, folder));
    await copyFile('/bin/busybox', join(tree, 'bin', 'busybox'));
    await copyFile(join(here, 'init'), join(tree, 'init'));
    const sources = (await readdir(here)).filter((name) => name.endsWith('.cc'));
    await run('g++', [...flags, '-o', join(tree, 'bin', 'lab-guest'), ...sources], { cwd: here });
    await makeInitrd(tree, outFile);
  } finally {
    await rm(tree, { recursive: true });
  }
}
