// SPDX-License-Identifier: MIT
// `guest`: domains without disk or network whose own program dirties memory at a known rate and checks it (guest/ tells how).
import { LabError } from './errors.mjs';
import { inHost } from './ssh.mjs';

/** A guest on a busy host takes its time to boot. */
const startLimitSeconds = 150;

/** @typedef {import('./registry.mjs').Lab} Lab */

/**
 * @typedef {object} GuestOptions
 * @property {string} name
 * @property {'pvh' | 'pv'} type
 * @property {number} memoryMiB
 * @property {ReadonlyMap<string, unknown>} settings the program's, by name (see guest/)
 * @property {boolean} [balloons] false: its kernel has no balloon driver, so it never follows its memory target
 */

/**
 * What xl is given. The guest's CPU is kept off dom0's.
 * @param {GuestOptions} options
 * @returns {string}
 */
export function guestConfig({ name, type, memoryMiB, settings, balloons = true }) {
  const words = [...settings].map(([key, value]) => `vmb.${key}=${value}`);
  if (!balloons) words.push('initcall_blacklist=balloon_init');
  return [
    `name = "${name}"`,
    `type = "${type}"`,
    'kernel = "/lab/vmlinuz"',
    'ramdisk = "/lab/guest-initrd.gz"',
    `extra = "${['console=hvc0', 'quiet', ...words].join(' ')}"`,
    `memory = ${memoryMiB}`,
    'vcpus = 1',
    'cpus = "1"',
    '',
  ].join('\n');
}

/**
 * Starts a guest and waits until its program publishes its counter.
 * @param {Lab} lab
 * @param {number} host
 * @param {GuestOptions} options
 */
export async function startGuest(lab, host, options) {
  const file = `/run/lab/${options.name}.cfg`;
  await inHost(lab, host, `cat >${file} && xl create -q ${file}`, { input: guestConfig(options) });
  const published = 'xenstore-exists "/local/domain/$id/data/vmb/count"';
  const wait = `id=$(xl domid ${options.name}) && for try in $(seq ${startLimitSeconds}); do ${published} && exit 0; sleep 1; done; exit 1`;
  await inHost(lab, host, wait, { timeoutMs: startLimitSeconds * 2000 }).catch(({ message }) => {
    throw new LabError(`guest ${options.name} has published nothing within ${startLimitSeconds} s\n${message}`);
  });
}

/**
 * @typedef {object} ListedGuest
 * @property {number} host
 * @property {number} id the domain's on that host
 * @property {string} name
 * @property {Record<string, string>} published what its program has last written, by the key's name (see guest/)
 */

/**
 * Every domain of a lab but the dom0s.
 * @param {Lab} lab
 * @returns {Promise<ListedGuest[]>}
 */
export async function listGuests(lab) {
  const ofHost = async (/** @type {number} */ host) => {
    const lines = (await inHost(lab, host, '/lab/dom0/list-guests')).split('\n').filter(Boolean);
    return lines.map((line) => {
      const [id, name = '', ...pairs] = line.split(' ');
      const published = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/, 2)));
      return { host, id: Number(id), name, published };
    });
  };
  return (await Promise.all(lab.hosts.map(({ number }) => ofHost(number)))).flat();
}

/** Ends a guest wherever it runs. @param {Lab} lab @param {string} name */
export async function stopGuest(lab, name) {
  const command = `! xl domid ${name} >/dev/null 2>&1 || { xl destroy ${name} && echo ended; }`;
  const answers = await Promise.all(lab.hosts.map(({ number }) => inHost(lab, number, command)));
  if (!answers.some((answer) => answer.includes('ended'))) throw new LabError(`no host has a guest ${name}`);
}
