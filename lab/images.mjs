// SPDX-License-Identifier: MIT
// Makes ext4 images and initrds from folders: no loop device, no mount, no privileges.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lutimes, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { run } from './command.mjs';
import { LabError } from './errors.mjs';

/**
 * An ext4 image with what is in `tree`, everything owned by root. No journal: QEMU throws a host's writes away anyway.
 * @param {string} tree folder
 * @param {string} file the image to make
 * @param {number} sizeMiB most of it is a hole in a sparse file
 */
export async function makeDiskImage(tree, file, sizeMiB) {
  await run('fakeroot', ['mke2fs', ...ext4Options, '-d', tree, file, `${sizeMiB}M`]);
}

/**
 * The same from a tar archive with something laid over it; owners, modes and device nodes are the archive's.
 * @param {string} archive tar file
 * @param {string} overlay folder
 * @param {string} file
 * @param {number} sizeMiB
 * @param {string} scratch an empty folder
 */
export async function makeDiskImageFromArchive(archive, overlay, file, sizeMiB, scratch) {
  const script = 'tar -xf "$1" -C "$3" && cp -a "$2/." "$3/" && shift 2 && exec mke2fs -d "$@"';
  await run('fakeroot', ['sh', '-ec', script, 'sh', archive, overlay, scratch, ...ext4Options, file, `${sizeMiB}M`]);
}

const ext4Options = ['-q', '-t', 'ext4', '-O', '^has_journal', '-E', 'root_owner=0:0,nodiscard'];

/**
 * A gzipped cpio archive of `tree`, as the kernel takes for an initrd; several one after another are one initrd.
 * The same files give the same archive, whenever it is made.
 * @param {string} tree folder
 * @param {string} file
 */
export async function makeInitrd(tree, file) {
  const names = ['.', ...(await readdir(tree, { recursive: true })).sort()];
  for (const name of names) await lutimes(join(tree, name), 0, 0);
  const cpio = spawn('cpio', ['--create', '--reproducible', '--format=newc', '--owner=+0:+0', '--quiet', '--null'], {
    cwd: tree,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(cpio, 'close');
  cpio.stdin.end(names.join('\0'));
  await pipeline(cpio.stdout, createGzip({ level: 6 }), createWriteStream(file));
  const [code] = await exited;
  if (code !== 0) throw new LabError(`cpio failed (exit code ${code}) for ${tree}`);
}
