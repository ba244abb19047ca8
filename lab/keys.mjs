// SPDX-License-Identifier: MIT
// Every lab has ssh keys of its own, made at `up` and gone with `down`: one for the person (and for host-to-host ssh), one
// for the hosts.
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { makeInitrd } from './images.mjs';
import { linkAddress } from './qemu.mjs';

/**
 * Makes the lab's keys and `ssh_config`, with which `ssh -F FILE host1` works from anywhere.
 * @param {string} folder the lab's
 * @param {readonly import('./registry.mjs').Host[]} hosts
 */
export async function makeKeys(folder, hosts) {
  for (const name of ['user_key', 'host_key'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'vmbuddies-lab', '-f', join(folder, name)]);
  const hostKey = await readFile(join(folder, 'host_key.pub'), 'utf8');
  const names = hosts.flatMap(({ number, sshPort }) => [
    `[127.0.0.1]:${sshPort}`,
    linkAddress(number),
    `host${number}`,
  ]);
  await writeFile(join(folder, 'known_hosts'), `${names.join(',')} ${hostKey}`);
  const entries = hosts.map(
    ({ number, sshPort }) => `Host host${number}
  HostName 127.0.0.1
  Port ${sshPort}
  User root
  IdentityFile "${join(folder, 'user_key')}"
  IdentitiesOnly yes
  UserKnownHostsFile "${join(folder, 'known_hosts')}"
  ControlPath "${join(folder, `ssh${number}`)}"
  LogLevel ERROR
`,
  );
  await writeFile(join(folder, 'ssh_config'), entries.join('\n'));
}

/**
 * An initrd whose content dom0's first program lays over its root: the keys, and what makes `ssh 10.77.0.2` work there.
 * @param {string} folder the lab's
 * @param {string} file
 */
export async function makeSeed(folder, file) {
  const tree = `${file}.tree`;
  const [user, sshd] = [join(tree, 'seed', 'root', '.ssh'), join(tree, 'seed', 'etc', 'ssh')];
  await mkdir(user, { recursive: true });
  await chmod(user, 0o700);
  await mkdir(sshd, { recursive: true });
  await copyFile(join(folder, 'user_key'), join(user, 'id_ed25519'));
  await copyFile(join(folder, 'user_key.pub'), join(user, 'authorized_keys'));
  await copyFile(join(folder, 'known_hosts'), join(user, 'known_hosts'));
  for (const suffix of ['', '.pub'])
    await copyFile(join(folder, `host_key${suffix}`), join(sshd, `ssh_host_ed25519_key${suffix}`));
  await makeInitrd(tree, file);
}
