// A test of the test: an addon that loses one dirty page in 10 000 on purpose must fail the faithful-migration test, for
// that reason. Built with cmake-js, so that what developers build is kept working too.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const folder = '.build/losing';
const build = spawnSync(
  process.execPath,
  [
    'node_modules/cmake-js/bin/cmake-js',
    'build',
    '--out',
    folder,
    '--CDVMBUDDIES_DROP_DIRTY_PAGES=10000',
    '--log-level',
    'error',
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
if (build.status !== 0) process.exit(1);

const addon = resolve(folder, 'Release', 'vmbuddies.node');
const test = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/e2e/faithful.test.ts'], {
  // Runs until the first loss is found; 50 runs find one nearly always, 200 always.
  env: {
    ...process.env,
    NO_COLOR: '1',
    VMBUDDIES_RUNS: '200',
    VMBUDDIES_ADDON: addon,
    VMBUDDIES_GUEST: resolve(folder, 'vmbuddies-guest'),
  },
  encoding: 'utf8',
});
const output = `${test.stdout}${test.stderr}`;
const caught = test.status !== 0 && /memory at the stop, (run \d+)/.exec(output);
if (!caught) {
  console.error(output);
  console.error('check: one lost page in 10 000 went unnoticed');
  process.exit(1);
}
console.log(`one lost dirty page in 10 000 is caught, in ${caught[1]} of test/e2e/faithful.test.ts`);
