/** The two emulated Xen hosts that the tests of this folder run against, and commands in their dom0s. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runningLab } from '../../../lab/registry.mjs';
import { inHost } from '../../../lab/ssh.mjs';
import { wan as shapeLink } from '../../../lab/wan.mjs';

const lab = await runningLab(process.env.VMBUDDIES_LAB ?? 'lab');

/** Addresses on the wire between the hosts. */
export const address = { 1: '10.77.0.1', 2: '10.77.0.2' } as const;
export type HostNumber = keyof typeof address;
export const other = (host: HostNumber): HostNumber => (host === 1 ? 2 : 1);

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell command in a dom0; its exit code is for the caller to judge. */
export function attempt(host: HostNumber, command: string, timeoutMs = 240_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-F', join(lab.folder, 'ssh_config'), `host${host}`, command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** A shell command in a dom0 that must succeed; returns what it printed. */
export async function inDom0(host: HostNumber, command: string, timeoutMs?: number): Promise<string> {
  const { code, stdout, stderr } = await attempt(host, command, timeoutMs);
  if (code !== 0) throw new Error(`host ${host}: ${command}: exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Puts a file of this folder into a dom0 as /run/lab/NAME. */
export async function install(host: HostNumber, name: string): Promise<string> {
  const path = `/run/lab/${name}`;
  await inHost(lab, host, `cat >${path}`, { input: await readFile(new URL(name, import.meta.url)) });
  return path;
}

/** Makes the wire between the hosts slow and long, or (`off`) as it was. `wan('40mbit', '20ms')`: each way. */
export async function wan(rate: string, delay?: string): Promise<void> {
  await shapeLink(lab, rate, delay);
}

/** `vmbuddies` in a dom0; JSON if it printed any. */
export async function vmbuddies(host: HostNumber, ...args: string[]): Promise<Answer> {
  return await attempt(host, `vmbuddies ${args.map(quoted).join(' ')}`);
}

/** The same, for commands that print one JSON object; whatever its exit code. */
export async function json<Result>(host: HostNumber, ...args: string[]): Promise<Result> {
  const { stdout, stderr, code } = await vmbuddies(host, ...args, '--json');
  try {
    return JSON.parse(stdout) as Result;
  } catch {
    throw new Error(`vmbuddies ${args.join(' ')}: exit code ${code}\n${stdout}\n${stderr}`);
  }
}

export function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
