// SPDX-License-Identifier: MIT
// The hypervisor that a host boots.
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { cached } from './cache.mjs';
import { candidateVersions, unpackPackage } from './debian.mjs';
import { exitCodes, LabError } from './errors.mjs';

const hypervisorPackage = 'xen-hypervisor-4.17-amd64';

/**
 * Debian's last Xen 4.17 with shadow paging. The log of dirty pages of a PV guest *is* shadow paging (XSA-495 switched it
 * off), so only here can a PV guest be migrated live.
 */
const shadowVersion = '4.17.5+72-g01140da4e8-1';

/** @typedef {'stock' | 'shadow'} HypervisorKind stock: what Debian installs today; shadow: with shadow paging */

/**
 * @param {HypervisorKind} kind
 * @returns {Promise<{file: string, version: string}>} the ELF file that QEMU's multiboot loader takes
 * @throws {LabError} with exit code `unavailable` when the archive has dropped the shadow version
 */
export async function hypervisor(kind) {
  const version =
    kind === 'shadow' ? shadowVersion : ((await candidateVersions([hypervisorPackage])).get(hypervisorPackage) ?? '');
  const folder = await cached('hypervisor', [version], async (draft) => {
    const unpacked = join(draft, 'unpacked');
    await unpackPackage(hypervisorPackage, version, unpacked).catch((cause) => {
      if (kind === 'stock') throw cause;
      throw new LabError(`no ${hypervisorPackage} ${version} to be had: ${cause.message}`, exitCodes.unavailable);
    });
    // The loader wants the ELF itself, not the compressed file that a boot loader would unpack.
    const compressed = join(unpacked, 'boot', 'xen-4.17-amd64.gz');
    await pipeline(createReadStream(compressed), createGunzip(), createWriteStream(join(draft, 'xen.elf')));
    await rm(unpacked, { recursive: true });
  });
  return { file: join(folder, 'xen.elf'), version };
}
