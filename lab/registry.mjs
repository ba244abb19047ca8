// SPDX-License-Identifier: MIT
// The labs of this machine: a folder for each, with what is needed to reach it and to end it.
import { mkdir, readdir, readFile, readlink, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, LabError } from './errors.mjs';
import { stateFolder } from './places.mjs';

/**
 * @typedef {object} Host
 * @property {number} number 1 or 2
 * @property {number} sshPort on 127.0.0.1
 *
 * @typedef {object} Lab what `lab.json` in its folder says
 * @property {string} name
 * @property {string} folder
 * @property {'booting' | 'running'} phase
 * @property {number} upPid the process that boots it
 * @property {string} hypervisor kind and version
 * @property {Host[]} hosts
 *
 * @typedef {'booting' | 'running' | 'abandoned' | 'broken'} Condition abandoned: its `up` died; broken: a host of it did
 */

/** @param {string} name @returns {string} */
function folderOf(name) {
  if (!/^[A-Za-z0-9][\w-]{0,39}$/.test(name)) throw new LabError(`not a name for a lab: ${name}`, exitCodes.usage);
  return join(stateFolder, name);
}

/** @returns {Promise<string[]>} the names of all labs, whatever their condition */
export async function labNames() {
  const names = await readdir(stateFolder).catch(() => []);
  return names.filter((name) => !name.startsWith('.'));
}

/**
 * Takes the name for a lab that is about to boot. What an `up` that died left behind, under any name, is ended and removed
 * first, and so is a lab of this name that has lost a host.
 * @param {string} name
 * @returns {Promise<Lab>} its folder has nothing in it but its record
 * @throws {LabError} when a lab of that name runs or boots
 */
export async function claim(name) {
  const folder = folderOf(name);
  for (const each of await labNames()) {
    const condition = await labCondition(each);
    if (condition === 'abandoned' || (condition === 'broken' && each === name)) await endLab(each);
    else if (each === name) throw new LabError(`the lab ${name} is ${condition} already: down --name ${name} ends it`);
  }
  /** @type {Lab} */
  const lab = { name, folder, phase: 'booting', upPid: process.pid, hypervisor: '', hosts: [] };
  // The folder appears with its record in it: nobody takes it for an abandoned one, and only one can put it there.
  const draft = join(stateFolder, `.${name}-${process.pid}`);
  await mkdir(stateFolder, { recursive: true });
  await mkdir(draft, { mode: 0o700 });
  await record(lab, draft);
  await rename(draft, folder).catch(async () => {
    await rm(draft, { recursive: true });
    throw new LabError(`another process has just taken the name ${name}`);
  });
  return lab;
}

/**
 * Writes what is known about a lab; whoever reads at the same time sees the old or the new.
 * @param {Lab} lab
 * @param {string} [folder]
 */
export async function record(lab, folder = lab.folder) {
  const file = join(folder, 'lab.json');
  await writeFile(`${file}.new`, `${JSON.stringify(lab, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/**
 * @param {string} name
 * @returns {Promise<Lab>}
 * @throws {LabError} when there is no such lab, or it is not running
 */
export async function runningLab(name) {
  const lab = await readLab(name);
  const condition = lab ? await labCondition(name) : 'not there';
  if (!lab || condition !== 'running')
    throw new LabError(`the lab ${name} is ${condition}: up --name ${name} boots it`);
  return lab;
}

/** @param {string} name @returns {Promise<Lab | undefined>} */
export async function readLab(name) {
  const text = await readFile(join(folderOf(name), 'lab.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** @param {string} name @returns {Promise<Condition>} */
export async function labCondition(name) {
  const lab = await readLab(name);
  if (!lab) return 'abandoned';
  if (lab.phase === 'booting') return (await isUp(lab.upPid)) ? 'booting' : 'abandoned';
  return (await hostPids(lab.folder)).length === lab.hosts.length ? 'running' : 'broken';
}

/** Whether the process still is an `up`: its number may be another program's by now. @param {number} pid */
async function isUp(pid) {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes('up');
}

/**
 * The QEMU processes of a lab, told by where they run: true from their first instant, and whatever became of their `up`.
 * @param {string} folder the lab's
 * @returns {Promise<number[]>}
 */
async function hostPids(folder) {
  // The kernel knows a process's folder by its real path.
  const runsIn = await realpath(folder).catch(() => undefined);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const link = (/** @type {string} */ file) => readlink(file).catch(() => '');
  const ours = await Promise.all(
    pids.map(async (pid) => {
      const here = (await link(`/proc/${pid}/cwd`)) === runsIn;
      return here && basename(await link(`/proc/${pid}/exe`)).startsWith('qemu-system');
    }),
  );
  return pids.filter((_, index) => ours[index]).map(Number);
}

/**
 * Ends every process of a lab and removes its folder. Does nothing when there is none.
 * @param {string} name
 */
export async function endLab(name) {
  const folder = folderOf(name);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    for (const pid of await hostPids(folder)) send(pid, signal);
    for (let waitedMs = 0; waitedMs < 5000 && (await hostPids(folder)).length > 0; waitedMs += 50) await sleep(50);
  }
  await rm(folder, { recursive: true, force: true });
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
