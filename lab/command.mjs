// SPDX-License-Identifier: MIT
// Runs a program of this machine to its end. Everything the lab builds is made by such programs (apt, mke2fs, cpio, ssh).
import { spawn } from 'node:child_process';
import { LabError } from './errors.mjs';

/**
 * Runs `command` and gives what it wrote to its standard output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, input?: string | Buffer, timeoutMs?: number, env?: Record<string, string>}} [options]
 *   `input` becomes the program's standard input (else it is empty); `timeoutMs` ends it with SIGKILL
 * @returns {Promise<string>}
 * @throws {LabError} when it cannot be started, is ended by a signal or exits with another code than 0; carries the end of
 *   what it wrote to standard error
 */
export function run(command, args, options = {}) {
  const { cwd, input, timeoutMs, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
    });
    /** @type {Buffer[]} */
    const output = [];
    let complaint = '';
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4000);
    });
    // A program may end without having read its input: its exit code says what that means.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (cause) => reject(new LabError(`${command} could not be started: ${cause.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else
        reject(
          new LabError(`${command} ${args[0] ?? ''} failed (${signal ?? `exit code ${code}`})\n${complaint}`.trim()),
        );
    });
  });
}
