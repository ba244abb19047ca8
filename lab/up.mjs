// SPDX-License-Identifier: MIT
// `up`: builds what is missing and boots the hosts. Either all of them are usable at the end, or none is left running.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.mjs';
import { requireBuild, stageHostFiles } from './host-files.mjs';
import { hypervisor } from './hypervisor.mjs';
import { makeDiskImage } from './images.mjs';
import { dom0Initrd } from './initrd.mjs';
import { debianKernel } from './kernel.mjs';
import { makeKeys, makeSeed } from './keys.mjs';
import { cacheFolder } from './places.mjs';
import { freePort, linkAddress, startHost } from './qemu.mjs';
import { claim, endLab, record } from './registry.mjs';
import { requirePackages } from './requirements.mjs';
import { rootImage } from './root-image.mjs';
import { openConnection } from './ssh.mjs';

/** A host that has not answered by then will not. */
const bootLimitMs = 180_000;

/** Room for `sync` to put new builds beside running ones. */
const labImageSizeMiB = 256;

/**
 * @typedef {object} UpOptions
 * @property {string} name
 * @property {number} hosts 1 or 2
 * @property {import('./hypervisor.mjs').HypervisorKind} hypervisor
 * @property {number} memoryMiB of each host
 */

/** @param {UpOptions} options @param {(line: string) => void} say */
export async function up(options, say) {
  requirePackages();
  await requireBuild();
  await mkdir(cacheFolder, { recursive: true });
  const lab = await claim(options.name);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new LabError('interrupted: the lab is down again'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  try {
    await boot(options, lab, interrupted.signal, say);
  } catch (error) {
    await endLab(options.name);
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupt);
  }
}

/**
 * @param {UpOptions} options
 * @param {import('./registry.mjs').Lab} lab
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 */
async function boot(options, lab, signal, say) {
  for (let number = 1; number <= options.hosts; number++) lab.hosts.push({ number, sshPort: await freePort() });
  const version = await prepareFolder(options, lab, say);
  lab.hypervisor = `${options.hypervisor} ${version}`;
  signal.throwIfAborted();
  await record(lab);

  say(`booting ${options.hosts} host(s) with Xen ${version} …`);
  const startMs = Date.now();
  await Promise.all(
    lab.hosts.map(async (host) => {
      const qemu = startHost(lab.folder, host, { hosts: options.hosts, memoryMiB: options.memoryMiB });
      await untilReady(lab.folder, host.number, qemu, signal);
      await openConnection(lab, host.number);
      const seconds = ((Date.now() - startMs) / 1000).toFixed(0);
      say(`host ${host.number}: ${linkAddress(host.number)}, ssh port ${host.sshPort}, ready after ${seconds} s`);
    }),
  );
  await record({ ...lab, phase: 'running' });
}

/**
 * Fills the lab's folder with all that its hosts boot from.
 * @param {UpOptions} options @param {import('./registry.mjs').Lab} lab @param {(line: string) => void} say
 * @returns {Promise<string>} the hypervisor's version
 */
async function prepareFolder(options, lab, say) {
  say('preparing images (the first time takes about a minute) …');
  const at = (/** @type {string} */ name) => join(lab.folder, name);
  const [xen, kernel] = await Promise.all([hypervisor(options.hypervisor), debianKernel()]);
  const [root, initrd] = await Promise.all([
    rootImage(kernel),
    dom0Initrd(kernel),
    stageHostFiles(kernel, at('lab')).then(() => makeDiskImage(at('lab'), at('lab.img'), labImageSizeMiB)),
    makeKeys(lab.folder, lab.hosts).then(() => makeSeed(lab.folder, at('seed.gz'))),
  ]);
  await rm(at('lab'), { recursive: true });
  await writeFile(at('initrd.gz'), Buffer.concat([await readFile(initrd), await readFile(at('seed.gz'))]), {
    mode: 0o600,
  });
  for (const [name, target] of Object.entries({ 'xen.elf': xen.file, vmlinuz: kernel.image, 'root.img': root }))
    await symlink(target, at(name));
  return xen.version;
}

/**
 * Waits until dom0 says on its console that xl answers.
 * @param {string} folder @param {number} number @param {import('node:child_process').ChildProcess} qemu
 * @param {AbortSignal} signal
 */
async function untilReady(folder, number, qemu, signal) {
  const serial = join(folder, `serial${number}.log`);
  const deadlineMs = Date.now() + bootLimitMs;
  const failure = (/** @type {string} */ why) => bootFailure(folder, number, why);
  for (;;) {
    signal.throwIfAborted();
    const said = existsSync(serial) ? await readFile(serial, 'latin1') : '';
    if (/^lab: ready/m.test(said)) return;
    const failed = /^lab: failed: .*/m.exec(said) ?? /Panic on CPU \d+:[\s\S]{0,200}/.exec(said);
    if (failed) throw await failure(failed[0]);
    if (qemu.exitCode !== null || qemu.signalCode !== null) throw await failure('QEMU has ended');
    if (Date.now() > deadlineMs) throw await failure(`no answer within ${bootLimitMs / 1000} s`);
    await sleep(200);
  }
}

/** @param {string} folder @param {number} number @param {string} why @returns {Promise<LabError>} */
async function bootFailure(folder, number, why) {
  const tail = async (/** @type {string} */ name) =>
    (await readFile(join(folder, name), 'latin1').catch(() => '')).trimEnd().split('\n').slice(-30).join('\n');
  const [qemu, serial] = [await tail(`qemu${number}.log`), await tail(`serial${number}.log`)];
  return new LabError(`host ${number} did not boot: ${why}\n${qemu}\n--- end of its serial log ---\n${serial}`);
}
