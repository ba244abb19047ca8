// Runs in a dom0 that domains arrive at; takes their names. Once the file /run/lab/stopping is there it looks every 50 ms
// whether they run already, that is have used the CPU, and prints one JSON object: for each name, in ms on this host's
// clock, when it had certainly not run yet and when it certainly had.
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openDomain } from '/lab/vmbuddies/dist/bundle/index.js';

const names = process.argv.slice(2);
while (!existsSync('/run/lab/stopping')) await wait(200);

const domains = names.map((name) => openDomain(`xen:${name}--incoming`));
const starts = Object.fromEntries(names.map((name) => [name, { waitsMs: 0, runsMs: 0 }]));
while (Object.values(starts).some(({ runsMs }) => runsMs === 0)) {
  for (const [index, name] of names.entries()) {
    if (starts[name].runsMs > 0) continue;
    const now = performance.now();
    if (domains[index].info().cpuSeconds === 0) starts[name].waitsMs = now;
    else starts[name].runsMs = performance.now();
  }
  await wait(50);
}
for (const domain of domains) await domain.close();
console.log(JSON.stringify(starts));
