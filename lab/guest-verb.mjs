// SPDX-License-Identifier: MIT
// The verb `guest`, from its command line.
import { misuse, readChoice, readOptions, readSize, readWhole } from './command-line.mjs';
import { listGuests, startGuest, stopGuest } from './guests.mjs';
import { runningLab } from './registry.mjs';

/** @param {string[]} args */
export async function guest(args) {
  const { values, positionals } = readOptions(args, {
    host: { type: 'string', default: '1' },
    type: { type: 'string', default: 'pvh' },
    memory: { type: 'string', default: '128MiB' },
    'pages-per-second': { type: 'string' },
    wss: { type: 'string' },
    'no-agent': { type: 'boolean' },
    'no-balloon': { type: 'boolean' },
    'ignore-suspend': { type: 'boolean' },
    'poweroff-after': { type: 'string' },
  });
  const [act, name, ...rest] = positionals;
  if (rest.length > 0) misuse('guest start NAME | guest list | guest stop NAME');
  const lab = await runningLab(values.name);
  if (act === 'list' && name === undefined) {
    for (const { host, id, name, published } of await listGuests(lab)) {
      const words = Object.entries(published).map((pair) => pair.join('='));
      console.log(`host ${host}: domain ${id} ${name} ${words.join(' ')}`);
    }
    return;
  }
  if (name === undefined || !/^[A-Za-z0-9][\w.-]*$/.test(name)) return misuse('a guest needs a name');
  if (act === 'stop') return stopGuest(lab, name);
  if (act !== 'start') return misuse(`there is no guest ${act}`);

  const settings = new Map(
    Object.entries({
      pages_per_second: values['pages-per-second'] && readWhole(values['pages-per-second']),
      wss_bytes: values.wss && readSize(values.wss),
      agent: values['no-agent'] && 0,
      ignore_suspend: values['ignore-suspend'] && 1,
      poweroff_after: values['poweroff-after'] && readWhole(values['poweroff-after']),
    }).filter(([, value]) => value !== undefined),
  );
  const type = readChoice('type', values.type, ['pvh', 'pv']);
  const memoryMiB = Math.ceil(readSize(values.memory) / 1024 ** 2);
  const balloons = !values['no-balloon'];
  return startGuest(lab, readWhole(values.host), { name, type, memoryMiB, settings, balloons });
}
