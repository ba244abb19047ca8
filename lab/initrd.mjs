// SPDX-License-Identifier: MIT
// dom0's initrd: finds the two disks and hands over to the root disk.
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached } from './cache.mjs';
import { hashFile } from './hashes.mjs';
import { makeInitrd } from './images.mjs';
import { moduleFiles } from './kernel.mjs';
import { labFolder } from './places.mjs';

const drivers = ['virtio_pci', 'virtio_blk', 'virtio_net', 'ext4'];

/**
 * @param {import('./kernel.mjs').Kernel} kernel
 * @returns {Promise<string>} the initrd's file
 */
export async function dom0Initrd(kernel) {
  const [init, busybox] = [join(labFolder, 'dom0', 'initrd-init'), '/bin/busybox'];
  const ingredients = [kernel.version, await hashFile(init), await hashFile(busybox), ...drivers];
  const folder = await cached('initrd', ingredients, async (draft) => {
    const tree = join(draft, 'tree');
    for (const name of ['bin', 'modules', 'dev', 'proc', 'new']) await mkdir(join(tree, name), { recursive: true });
    await copyFile(busybox, join(tree, 'bin', 'busybox'));
    await copyFile(init, join(tree, 'init'));
    await chmod(join(tree, 'init'), 0o755);
    const files = await moduleFiles(kernel, drivers);
    for (const file of files) await copyFile(file, join(tree, 'modules', basename(file)));
    await writeFile(join(tree, 'modules', 'order'), files.map((file) => `${basename(file)}\n`).join(''));
    await makeInitrd(tree, join(draft, 'initrd.gz'));
    await rm(tree, { recursive: true });
  });
  return join(folder, 'initrd.gz');
}
