// SPDX-License-Identifier: MIT
// `status`: the labs of this machine and how to reach their hosts.
import { join } from 'node:path';
import { linkAddress } from './qemu.mjs';
import { labCondition, labNames, readLab } from './registry.mjs';
import { inHost } from './ssh.mjs';

/** @returns {Promise<string>} some lines for a person */
export async function status() {
  const names = await labNames();
  if (names.length === 0) return 'no labs';
  return (await Promise.all(names.map(describe))).join('\n');
}

/** @param {string} name */
async function describe(name) {
  const [lab, condition] = [await readLab(name), await labCondition(name)];
  if (!lab) return `${name}: ${condition}`;
  const lines = [`${name}: ${condition}, Xen ${lab.hypervisor}`];
  if (condition === 'running') {
    lines.push(`  ssh -F ${join(lab.folder, 'ssh_config')} host1`);
    for (const { number, sshPort } of lab.hosts) {
      const domains = await inHost(lab, number, 'xl list | tail -n +3', { timeoutMs: 20_000 }).catch(
        () => 'does not answer',
      );
      lines.push(
        `  host ${number}: ${linkAddress(number)}, ssh port ${sshPort}, serial log ${join(lab.folder, `serial${number}.log`)}`,
      );
      lines.push(
        ...domains
          .trimEnd()
          .split('\n')
          .filter(Boolean)
          .map((line) => `    ${line}`),
      );
    }
  }
  return lines.join('\n');
}
