// SPDX-License-Identifier: MIT
// Our own files in a host, all below /lab: the package as it was just built, the guests' kernel and initrd, lab-rsh, and the
// scripts that bring dom0 up. They are on a disk of their own, made anew at every `up`, and `sync` replaces them in place.
import { access, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { exitCodes, LabError } from './errors.mjs';
import { buildGuestInitrd } from './guest/build.mjs';
import { hashFile, hashFolder } from './hashes.mjs';
import { labFolder, projectFolder } from './places.mjs';
import { buildRsh } from './rsh/build.mjs';

/** Dependencies of the package that are needed to build its addon only, and so not in a host. */
const buildOnly = new Set(['node-addon-api', 'node-gyp']);

/**
 * Throws, before anything slow begins, when there is no build to install.
 * @throws {LabError} with exit code `notReady`
 */
export async function requireBuild() {
  for (const file of ['dist/bundle/vmbuddies.js', 'build/Release/vmbuddies.node'])
    await access(join(projectFolder, file)).catch(() => {
      throw new LabError(`${file} is missing: run npm run build first`, exitCodes.notReady);
    });
}

/**
 * @param {import('./kernel.mjs').Kernel} kernel
 * @param {string} folder empty; becomes the content of /lab
 */
export async function stageHostFiles(kernel, folder) {
  await Promise.all([
    stagePackage(join(folder, 'vmbuddies')),
    cp(join(labFolder, 'dom0'), join(folder, 'dom0'), { recursive: true }),
    cp(kernel.image, join(folder, 'vmlinuz')),
    compiled('rsh', (draft) => buildRsh({ outFolder: draft })).then((built) =>
      cp(built, join(folder, 'bin'), { recursive: true }),
    ),
    compiled('guest', (draft) => buildGuestInitrd({ outFile: join(draft, 'guest-initrd.gz') })).then((built) =>
      cp(join(built, 'guest-initrd.gz'), join(folder, 'guest-initrd.gz')),
    ),
  ]);
}

/**
 * Compiles the programs of one of this folder's folders, once for each state of their sources.
 * @param {'guest' | 'rsh'} part
 * @param {(draft: string) => Promise<unknown>} build
 */
async function compiled(part, build) {
  const sources = await hashFolder(join(labFolder, part));
  return cached(
    part,
    [...[...sources].flat(), await hashFile('/bin/busybox')],
    async (draft) => void (await build(draft)),
  );
}

/** @param {string} folder */
async function stagePackage(folder) {
  await mkdir(join(folder, 'build', 'Release'), { recursive: true });
  await cp(join(projectFolder, 'package.json'), join(folder, 'package.json'));
  // The library and the command; the many modules they are made of would only make the image larger.
  await cp(join(projectFolder, 'dist', 'bundle'), join(folder, 'dist', 'bundle'), { recursive: true });
  const release = join(projectFolder, 'build', 'Release');
  for (const entry of await readdir(release, { withFileTypes: true }))
    if (entry.isFile() && !entry.name.endsWith('.a'))
      await cp(join(release, entry.name), join(folder, 'build', 'Release', entry.name));
  await stageDependencies(projectFolder, join(folder, 'node_modules'));
}

/**
 * The packages that `dependent` needs at run time, and theirs.
 * @param {string} dependent folder of a package
 * @param {string} target
 */
async function stageDependencies(dependent, target) {
  const manifest = JSON.parse(await readFile(join(dependent, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (buildOnly.has(name)) continue;
    const source = join(projectFolder, 'node_modules', name);
    await cp(source, join(target, name), { recursive: true });
    await stageDependencies(source, target);
  }
}
