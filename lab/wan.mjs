// SPDX-License-Identifier: MIT
// `wan`: makes the link between the hosts as slow and as far as one across a country.
import { exitCodes, LabError } from './errors.mjs';
import { inHost } from './ssh.mjs';

/** The kernel's timer fills the bucket 250 times a second: what it must hold at least, twice over. */
const bucketFillsPerSecond = 125;
const leastBucketBytes = 65_536;
const bitsPer = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/**
 * @param {import('./registry.mjs').Lab} lab
 * @param {string} rate as tc writes it, `40mbit`; `off` takes the emulation away
 * @param {string} [delay] as tc writes it, `20ms`; each way, so a round trip takes twice that
 */
export async function wan(lab, rate, delay = '') {
  const command = rate === 'off' ? 'tc qdisc del dev eth1 root 2>/dev/null || true' : shaping(rate, delay);
  await Promise.all(lab.hosts.map(({ number }) => inHost(lab, number, command)));
}

/** @param {string} rate @param {string} delay */
function shaping(rate, delay) {
  const [, amount, unit] = /^(\d+)(kbit|mbit|gbit)$/.exec(rate) ?? [];
  if (!amount || !unit || !/^\d+ms$/.test(delay))
    throw new LabError('a rate is 40mbit (kbit, gbit), a delay 20ms', exitCodes.usage);
  const bytesPerSecond = (Number(amount) * bitsPer[/** @type {keyof typeof bitsPer} */ (unit)]) / 8;
  const bucketBytes = Math.max(leastBucketBytes, Math.ceil(bytesPerSecond / bucketFillsPerSecond));
  return [
    `tc qdisc replace dev eth1 root handle 1: tbf rate ${rate} burst ${bucketBytes} latency 100ms`,
    `tc qdisc replace dev eth1 parent 1: netem delay ${delay}`,
  ].join(' && ');
}
