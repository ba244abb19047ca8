// SPDX-License-Identifier: MIT
// One emulated host: a QEMU process that boots Xen, dom0's kernel and dom0's two disks.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cpuOptions } from './accelerator.mjs';

/** dom0's share of a host's memory. Said to Xen, so that xl never takes memory from dom0 for a domain that arrives. */
const dom0MemoryMiB = 768;

/** A host's address on the link between the hosts. @param {number} number @returns {string} */
export const linkAddress = (number) => `10.77.0.${number}`;

/**
 * Starts a host. Paths are relative to the lab's folder, where QEMU runs: the folder is how its processes are told from
 * others, and it keeps commas and spaces in the path out of QEMU's options. What is expected there: `xen.elf`, `vmlinuz`,
 * `initrd.gz`, `root.img`, `lab.img`; what appears: `serialN.log`, `qemuN.log` and `linkN`, a socket.
 * @param {string} folder the lab's
 * @param {import('./registry.mjs').Host} host
 * @param {{hosts: number, memoryMiB: number}} lab
 * @returns {import('node:child_process').ChildProcess} lives on when this process ends
 */
export function startHost(folder, { number, sshPort }, { hosts, memoryMiB }) {
  const log = openSync(join(folder, `qemu${number}.log`), 'w');
  try {
    const options = [
      ...machine(memoryMiB),
      ...boot(number),
      ...disks(),
      ...network(number, sshPort, hosts),
      ...serialConsole(number),
    ];
    const qemu = spawn('qemu-system-x86_64', options, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
    qemu.unref();
    return qemu;
  } finally {
    closeSync(log);
  }
}

/** One CPU for dom0, one for its guests: on a single one, busy guests starve dom0. @param {number} memoryMiB */
const machine = (memoryMiB) => ['-machine', 'q35', ...cpuOptions(), '-smp', '2', '-m', `${memoryMiB}`];

/**
 * Without bootscrub Xen leaves free memory untouched, and this machine need not have it.
 * @param {number} number
 */
function boot(number) {
  const dom0 = `dom0_mem=${dom0MemoryMiB}M,max:${dom0MemoryMiB}M dom0_max_vcpus=1 dom0_vcpus_pin`;
  return [
    ...['-kernel', 'xen.elf', '-append', `com1=115200,8n1 console=com1 loglvl=warning noreboot bootscrub=0 ${dom0}`],
    ...['-initrd', `vmlinuz console=hvc0 quiet net.ifnames=0 lab_id=${number},initrd.gz`],
  ];
}

/** Both hosts use the same images; what they write goes to a temporary file that is already unlinked. */
const disks = () =>
  ['root.img', 'lab.img'].flatMap((file) => ['-drive', `file=${file},if=virtio,format=raw,snapshot=on`]);

/**
 * eth0 is this machine's way in (ssh, from 127.0.0.1) and no way out; eth1 is the link between the hosts. The link is a pair
 * of datagram sockets in the lab's folder: either host may start first, no port is taken, and no frame is lost on the way.
 * @param {number} number @param {number} sshPort @param {number} hosts
 */
function network(number, sshPort, hosts) {
  const peer = 3 - number;
  const link =
    hosts === 2
      ? `dgram,id=link,local.type=unix,local.path=link${number},remote.type=unix,remote.path=link${peer}`
      : 'hubport,id=link,hubid=0';
  return [
    ...[
      '-netdev',
      `user,id=ssh,restrict=on,hostfwd=tcp:127.0.0.1:${sshPort}-:22`,
      '-device',
      'virtio-net-pci,netdev=ssh',
    ],
    ...['-netdev', link, '-device', `virtio-net-pci,netdev=link,mac=52:54:00:77:00:0${number}`],
  ];
}

/** @param {number} number */
const serialConsole = (number) => ['-display', 'none', '-monitor', 'none', '-serial', `file:serial${number}.log`];

/**
 * A port on 127.0.0.1 that nobody uses now.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
