// SPDX-License-Identifier: MIT
// Debian's kernel, for dom0 and guests alike (one vmlinuz serves dom0, PV and PVH), and its modules.
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { cached } from './cache.mjs';
import { run } from './command.mjs';
import { candidateVersions, kernelPackage, unpackPackage } from './debian.mjs';

/**
 * @typedef {object} Kernel
 * @property {string} version the Debian version of the package
 * @property {string} image file: vmlinuz
 * @property {string} release the kernel's own name
 * @property {string} base the folder above `lib/modules`
 */

/** @returns {Promise<Kernel>} */
export async function debianKernel() {
  const { name, release } = await kernelPackage();
  const version = (await candidateVersions([name])).get(name) ?? '';
  const base = await cached('kernel', [name, version], async (draft) => {
    const unpacked = join(draft, 'unpacked');
    await unpackPackage(name, version, unpacked);
    await rename(join(unpacked, 'lib'), join(draft, 'lib'));
    await rename(join(unpacked, 'boot', `vmlinuz-${release}`), join(draft, 'vmlinuz'));
    await rm(unpacked, { recursive: true });
    await run('depmod', ['-b', draft, release]);
  });
  return { version, image: join(base, 'vmlinuz'), release, base };
}

/**
 * The module files that have to be loaded for `modules`, those they depend on first.
 * @param {Kernel} kernel
 * @param {readonly string[]} modules
 * @returns {Promise<string[]>} paths on this machine, each once, in the order of loading
 */
export async function moduleFiles(kernel, modules) {
  const lines = await run('modprobe', ['-d', kernel.base, '-S', kernel.release, '-a', '--show-depends', ...modules]);
  const files = [...lines.matchAll(/^insmod (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set(files)];
}

/**
 * Puts `modules` and what they depend on into a host's `/lib/modules`: a tenth of a percent of what the package brings.
 * @param {Kernel} kernel
 * @param {readonly string[]} modules
 * @param {string} root the host's root folder
 */
export async function installModules(kernel, modules, root) {
  const folder = join('usr', 'lib', 'modules', kernel.release);
  for (const file of await moduleFiles(kernel, modules)) {
    const target = join(root, folder, relative(join(kernel.base, 'lib', 'modules', kernel.release), file));
    await mkdir(dirname(target), { recursive: true });
    await cp(file, join(dirname(target), basename(file)));
  }
  for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    await cp(join(kernel.base, 'lib', 'modules', kernel.release, list), join(root, folder, list));
  await run('depmod', ['-b', join(root, 'usr'), kernel.release]);
}
