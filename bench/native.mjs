// The native side of the benchmark: bench/native, built with cmake beside the developers' other builds.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '.build', 'bench');

/** The parts of vmbuddies-bench, in the order they are run. */
export const nativeParts = [
  'bitmap',
  'zero-page',
  'dirty-log',
  'transfer',
  'pacer',
  'guest-writes',
  'pause',
  'downtime',
];

/** Ends the process with one line if it cannot be built. */
export function buildNative() {
  for (const [command, hint] of [
    ['cmake', 'cmake'],
    ['ninja', 'ninja-build'],
  ]) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0) {
      fail(`${command} is missing: on Debian "apt-get install ${hint}".`);
    }
  }
  for (const argumentsOfStep of [
    ['-G', 'Ninja', '-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', '--log-level=WARNING'],
    ['--build', folder, '--target', 'vmbuddies-bench'],
  ]) {
    const step = spawnSync('cmake', argumentsOfStep, { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (step.status === 0) continue;
    console.error(`${step.stdout}${step.stderr}`.split('\n').slice(-40).join('\n'));
    fail('the native part did not build; the compiler says why above.');
  }
}

/** @returns {import('./report.mjs').Row[]} */
export function runNative(part) {
  const program = join(folder, 'vmbuddies-bench');
  const result = spawnSync(program, [part], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (result.status !== 0) fail(`the part ${part} ended with ${result.signal ?? `exit code ${result.status}`}.`);
  return result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function fail(why) {
  console.error(`bench: ${why}`);
  process.exit(1);
}
