// Everything a fresh clone needs before its first run: packages, the native part, JavaScript. Quick when nothing changed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireBuildTools } from './requirements.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

function step(what, command, args) {
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (result.status === 0) return;
  console.error(`vmbuddies: ${what} failed (${result.error?.message ?? `exit code ${result.status}`}).`);
  process.exit(1);
}

requireBuildTools();
if (!existsSync('tsconfig.json')) {
  // The installed package: its JavaScript is built already, and its packages are whoever installed it's.
  // The build says itself why it fails.
  const built = spawnSync(process.execPath, ['scripts/build-native.mjs'], { stdio: ['ignore', 2, 2] });
  process.exit(built.status ?? 1);
}
const lock = readFileSync('package-lock.json', 'utf8');
const installedLock = 'node_modules/.vmbuddies-lock.json';
if (!existsSync(installedLock) || readFileSync(installedLock, 'utf8') !== lock) {
  console.error('vmbuddies: installing packages …');
  step('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installedLock, lock);
}
if (!existsSync('build/Release/vmbuddies.node'))
  console.error('vmbuddies: building the native part (about two minutes) …');
step('the native build', process.execPath, ['scripts/build-native.mjs']);
step('the TypeScript build', process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
const { bundle } = await import('./bundle.mjs');
await bundle();
