// SPDX-License-Identifier: MIT
// `down`: ends a lab, also one that an interrupted `up` left over.
import { endLab, labNames, readLab } from './registry.mjs';
import { closeConnections } from './ssh.mjs';

/** @param {string} name @param {(line: string) => void} say */
export async function down(name, say) {
  if (!(await labNames()).includes(name)) return say(`there is no lab ${name}`);
  const lab = await readLab(name);
  if (lab?.phase === 'running') await closeConnections(lab);
  await endLab(name);
  say(`${name} is down`);
}
