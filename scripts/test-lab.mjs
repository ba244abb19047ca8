// npm run test:lab: the tests against real Xen. Boots two hosts for each hypervisor, runs its tests, takes them down again
// whatever happens. `npm run test:lab -- stock/stream shadow/pv` runs these tests only; without names, all.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const suffix = '.lab.ts';
/** What `lab up` exits with when the archive no longer has that hypervisor (lab/errors.mjs). */
const unavailable = 3;

const all = ['stock', 'shadow'].flatMap((hypervisor) =>
  readdirSync(`test/xen/${hypervisor}`)
    .filter((file) => file.endsWith(suffix))
    .map((file) => `${hypervisor}/${file.slice(0, -suffix.length)}`),
);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`test:lab: no test called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

function run(args, env = {}) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return status ?? 1;
}

let failed = false;
const names = wanted.length > 0 ? wanted : all;
for (const hypervisor of new Set(names.map((name) => name.split('/')[0]))) {
  const lab = `test-${hypervisor}`;
  const began = performance.now();
  run(['lab/main.mjs', 'down', '--name', lab]);
  const up = run(['lab/main.mjs', 'up', '--name', lab, '--hypervisor', hypervisor]);
  if (up === unavailable) {
    console.log(`test:lab: ${hypervisor}: skipped, this hypervisor can no longer be had`);
    continue;
  }
  const files = names.filter((name) => name.startsWith(`${hypervisor}/`)).map((name) => `test/xen/${name}${suffix}`);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.lab.config.ts', ...files];
  const status = up === 0 ? run(vitest, { VMBUDDIES_LAB: lab }) : up;
  run(['lab/main.mjs', 'down', '--name', lab]);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`test:lab: ${hypervisor}: ${status === 0 ? 'passed' : 'FAILED'}, ${minutes} min`);
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
