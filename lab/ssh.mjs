// SPDX-License-Identifier: MIT
// Commands in a host's dom0, over ssh. `up` opens one connection for each host that all later commands share: an exchange of
// keys costs an emulated CPU seconds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { LabError } from './errors.mjs';

/** @typedef {import('./registry.mjs').Lab} Lab */

/** @param {Lab} lab @param {number} host */
function address(lab, host) {
  if (!lab.hosts.some(({ number }) => number === host)) throw new LabError(`the lab ${lab.name} has no host ${host}`);
  return ['-F', join(lab.folder, 'ssh_config'), `host${host}`];
}

/**
 * Runs a shell command in dom0 and gives its standard output.
 * @param {Lab} lab
 * @param {number} host
 * @param {string} command
 * @param {{input?: string | Buffer, timeoutMs?: number}} [options] timeout: 60 s unless told
 * @returns {Promise<string>}
 */
export async function inHost(lab, host, command, { input, timeoutMs = 60_000 } = {}) {
  return run('ssh', [...address(lab, host), command], { input: input ?? '', timeoutMs });
}

/**
 * Runs a command in dom0 with this process's own standard input, output and error.
 * @param {Lab} lab
 * @param {number} host
 * @param {readonly string[]} command joined by spaces, as ssh does; none: a shell
 * @returns {Promise<number>} its exit code
 */
export function inHostAttached(lab, host, command) {
  return new Promise((resolve, reject) => {
    const ssh = spawn('ssh', [...address(lab, host), ...command], { stdio: 'inherit' });
    ssh.on('error', reject);
    ssh.on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

/**
 * Opens the shared connection; it ends with the host.
 * @param {Lab} lab
 * @param {number} host
 */
export async function openConnection(lab, host) {
  const log = join(lab.folder, `ssh${host}.log`);
  // In the background ssh would hold on to our end of its output for ever: it gets none.
  const command = ['-E', log, '-n', '-f', '-N', '-M', ...address(lab, host)];
  const [code] = await once(spawn('ssh', command, { stdio: 'ignore', timeout: 60_000 }), 'close');
  if (code !== 0) throw new LabError(`no ssh to host ${host}: ${await readFile(log, 'utf8')}`);
}

/** Ends the shared connections of a lab. @param {Lab} lab */
export async function closeConnections(lab) {
  for (const { number } of lab.hosts)
    await run('ssh', ['-O', 'exit', ...address(lab, number)], { timeoutMs: 5000 }).catch(() => '');
}
