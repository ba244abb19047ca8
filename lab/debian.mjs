// SPDX-License-Identifier: MIT
// What this machine's apt knows about Debian 12: where the archive is, which versions it has, and the packages themselves.
// No mirror is named here: a machine behind a mirror, a proxy or a snapshot keeps to it.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { exitCodes, LabError } from './errors.mjs';

/** The Debian release that the hosts run: the one with Xen 4.17. */
export const suite = 'bookworm';

/**
 * The archives of the release that this machine uses, security updates included, as lines of an apt sources list.
 * @returns {Promise<string>}
 */
export async function aptSources() {
  const targets = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
    'Origin: Debian',
    'Architecture: amd64',
    'Component: main',
  ]);
  const lines = targets.split('\n').filter((line) => line.split(' ')[1]?.startsWith(suite));
  if (lines.length === 0)
    throw new LabError(
      `apt on this machine knows no Debian ${suite} archive (apt-get update may help)`,
      exitCodes.notReady,
    );
  return [...new Set(lines)].map((line) => `deb ${line}\n`).join('');
}

/**
 * The versions that apt would install.
 * @param {readonly string[]} packages
 * @returns {Promise<Map<string, string>>} by package, all of them
 * @throws {LabError} when apt has no candidate for one
 */
export async function candidateVersions(packages) {
  const policy = await run('apt-cache', ['policy', ...packages], { env: { LC_ALL: 'C' } });
  const found = new Map(
    [...policy.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (\S+)$/gm)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  for (const name of packages)
    if ((found.get(name) ?? '(none)') === '(none)')
      throw new LabError(`apt has no package ${name} (apt-get update may help)`, exitCodes.notReady);
  return found;
}

/**
 * The package that the metapackage `linux-image-amd64` stands for.
 * @returns {Promise<{name: string, release: string}>} `release` is the kernel's own name, as in `/lib/modules/RELEASE`
 */
export async function kernelPackage() {
  const depends = await run('apt-cache', ['depends', 'linux-image-amd64'], { env: { LC_ALL: 'C' } });
  const name = /Depends: (linux-image-(\S+))/.exec(depends);
  if (!name?.[1] || !name[2])
    throw new LabError('apt has no kernel package (apt-get update may help)', exitCodes.notReady);
  return { name: name[1], release: name[2] };
}

/**
 * Unpacks one version of a package, with none of its installation scripts, into `folder`.
 * @param {string} name
 * @param {string} version
 * @param {string} folder
 * @throws {LabError} when the archive has no such version
 */
export async function unpackPackage(name, version, folder) {
  const download = join(folder, '.download');
  await mkdir(download, { recursive: true });
  // apt's own unprivileged user cannot write into this folder.
  await run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', `${name}=${version}`], { cwd: download });
  for (const file of await readdir(download)) await run('dpkg-deb', ['-x', join(download, file), folder]);
  await rm(download, { recursive: true });
}
