// Is docs/evaluation.md what the program writes? `node scripts/check-evaluation.mjs --write` makes it so.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const path = 'docs/evaluation.md';
const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', 'reproduce', '--markdown'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 24,
});
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
if (process.argv.includes('--write')) {
  writeFileSync(path, stdout);
  console.log(`${path} is written`);
} else if (readFileSync(path, 'utf8') === stdout) {
  console.log(`${path} is current`);
} else {
  const written = readFileSync(path, 'utf8').split('\n');
  const at = stdout.split('\n').findIndex((line, index) => line !== written[index]);
  console.error(`${path}:${at + 1} is not what the program writes now: ${stdout.split('\n')[at]}`);
  console.error('Run "node scripts/check-evaluation.mjs --write" and read what has changed.');
  process.exit(1);
}
