// SPDX-License-Identifier: MIT
// What this machine must have before a lab can be built.
import { existsSync } from 'node:fs';
import { exitCodes, LabError } from './errors.mjs';

/** A file of each Debian package that the lab uses. */
const packages = {
  'busybox-static': '/bin/busybox',
  cpio: '/usr/bin/cpio',
  e2fsprogs: '/sbin/mke2fs',
  fakeroot: '/usr/bin/fakeroot',
  'g++': '/usr/bin/g++',
  kmod: '/sbin/depmod',
  mmdebstrap: '/usr/bin/mmdebstrap',
  'openssh-client': '/usr/bin/ssh-keygen',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
};

/** @throws {LabError} with exit code `notReady`; one line that says what to install */
export function requirePackages() {
  const missing = Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (missing.length > 0) throw new LabError(`the lab needs: apt-get install ${missing.join(' ')}`, exitCodes.notReady);
}
