// SPDX-License-Identifier: MIT
// Builds lab-rsh and lab-rshd.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.mjs';

const flags = ['-std=gnu++20', '-O2', '-static', '-s', '-Wall', '-Wextra'];

/**
 * Compiles both programs, statically, so that they run in any dom0. Needs g++.
 * @param {{ outFolder: string }} options where `lab-rsh` and `lab-rshd` are put; made if it is not there
 * @returns {Promise<{ client: string, server: string }>} their paths
 * @throws {import('../errors.mjs').LabError} with what the compiler said
 */
export async function buildRsh({ outFolder }) {
  const client = join(outFolder, 'lab-rsh');
  const server = join(outFolder, 'lab-rshd');
  await mkdir(outFolder, { recursive: true });
  for (const [program, source] of [
    [client, 'lab_rsh.cc'],
    [server, 'lab_rshd.cc'],
  ])
    await run('g++', [...flags, '-o', program, source, 'link.cc'], { cwd: import.meta.dirname });
  return { client, server };
}
