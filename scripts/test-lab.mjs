// npm run test:lab: the tests against real Xen. Boots two hosts for each hypervisor, runs its tests, takes them down again
// whatever happens. Arguments go to vitest; `--only stock` or `--only shadow` keeps to one hypervisor.
import { spawnSync } from 'node:child_process';

const labs = [
  { hypervisor: 'stock', tests: 'test/xen/stock' },
  { hypervisor: 'shadow', tests: 'test/xen/shadow' },
];
/** What `lab up` exits with when the archive no longer has that hypervisor (lab/errors.mjs). */
const unavailable = 3;

const args = process.argv.slice(2);
const only = args[0] === '--only' ? args.splice(0, 2)[1] : null;

function run(args, env = {}) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return status ?? 1;
}

let failed = false;
for (const { hypervisor, tests } of labs.filter((lab) => only === null || lab.hypervisor === only)) {
  const name = `test-${hypervisor}`;
  const began = performance.now();
  run(['lab/main.mjs', 'down', '--name', name]);
  const up = run(['lab/main.mjs', 'up', '--name', name, '--hypervisor', hypervisor]);
  if (up === unavailable) {
    console.log(`test:lab: ${hypervisor}: skipped, this hypervisor can no longer be had`);
    continue;
  }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.lab.config.ts', tests, ...args];
  const status = up === 0 ? run(vitest, { VMBUDDIES_LAB: name }) : up;
  run(['lab/main.mjs', 'down', '--name', name]);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`test:lab: ${hypervisor}: ${status === 0 ? 'passed' : 'FAILED'}, ${minutes} min`);
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
