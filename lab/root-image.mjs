// SPDX-License-Identifier: MIT
// The root disk of dom0: Debian, the kernel's modules, Node, and links to where our own files will be mounted.
// Nothing of ours is in it, so it is built once and again only when Debian or Node changes.
import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { run } from './command.mjs';
import { aptSources, candidateVersions, suite } from './debian.mjs';
import { hashFile } from './hashes.mjs';
import { makeDiskImageFromArchive } from './images.mjs';
import { installModules } from './kernel.mjs';

const dom0Packages = [
  'busybox', // its init starts dom0's services again when they end
  'iproute2', // ip, and tc for the emulated WAN
  'kmod',
  'openssh-client',
  'openssh-server',
  'procps',
  'python3-minimal', // verify-stream-v2
  'xen-utils-4.17',
  'xen-utils-common',
  'xenstore-utils',
];

/** What dom0 loads: Xen's devices and, for the emulated WAN, the kernel's traffic shaping. */
export const dom0Modules = ['xen-evtchn', 'xen-gntdev', 'xen-gntalloc', 'xen-privcmd', 'xenfs', 'sch_tbf', 'sch_netem'];

/** Where our own files are, in every host: the mount point of the second disk (see host-files.mjs). */
const links = {
  'etc/inittab': '/lab/dom0/inittab',
  'etc/xen/xl.conf': '/lab/dom0/xl.conf',
  'usr/local/bin/lab-rsh': '/lab/bin/lab-rsh',
  'usr/local/bin/lab-rshd': '/lab/bin/lab-rshd',
  'usr/local/bin/vmbuddies': '/lab/vmbuddies/dist/bundle/vmbuddies.js',
};

const imageSizeMiB = 1024;

/**
 * @param {import('./kernel.mjs').Kernel} kernel
 * @returns {Promise<string>} the image's file
 */
export async function rootImage(kernel) {
  const versions = [...(await candidateVersions(dom0Packages))].map((pair) => pair.join('='));
  const ingredients = [
    ...versions,
    kernel.version,
    ...dom0Modules,
    JSON.stringify(links),
    await hashFile(process.execPath),
    `${imageSizeMiB}`,
  ];
  const folder = await cached('root', ingredients, async (draft) => {
    const [archive, overlay, scratch] = [join(draft, 'root.tar'), join(draft, 'overlay'), join(draft, 'scratch')];
    await Promise.all([makeArchive(archive), makeOverlay(kernel, overlay), mkdir(scratch)]);
    await makeDiskImageFromArchive(archive, overlay, join(draft, 'root.img'), imageSizeMiB, scratch);
    for (const leftover of [archive, overlay, scratch]) await rm(leftover, { recursive: true });
  });
  return join(folder, 'root.img');
}

/** @param {string} archive */
async function makeArchive(archive) {
  const excluded = ['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const options = ['--quiet', '--variant=minbase', ...excluded, `--include=${dom0Packages.join(',')}`];
  await run('mmdebstrap', [...options, suite, archive, '-'], { input: await aptSources() });
}

/** @param {import('./kernel.mjs').Kernel} kernel @param {string} overlay */
async function makeOverlay(kernel, overlay) {
  for (const folder of ['lab', 'etc/xen', 'usr/local/bin']) await mkdir(join(overlay, folder), { recursive: true });
  for (const [name, target] of Object.entries(links)) await symlink(target, join(overlay, name));
  // Debian 12's own libraries are all that Node's binary needs.
  await copyFile(process.execPath, join(overlay, 'usr/local/bin/node'));
  await installModules(kernel, dom0Modules, overlay);
}
