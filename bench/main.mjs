// npm run bench: measures the package on this machine, each row beside a baseline timed in the same run.
//   node bench/main.mjs [PART…] [--json]
// Goals are reported. The run fails only where a row lies beyond its fence, which is wide: a machine that is slow or
// busy must not fail it, code that has lost its point must.
import { buildNative, nativeParts, runNative } from './native.mjs';
import { run as runPublicApi } from './public-api.mjs';
import { print, printVerdict } from './report.mjs';
import { run as runSimulate } from './simulate.mjs';
import { run as runSolver } from './solver.mjs';

const javascriptParts = { solver: runSolver, simulate: runSimulate, 'public-api': runPublicApi };
const parts = [...nativeParts, ...Object.keys(javascriptParts)];

const names = process.argv.slice(2).filter((argument) => argument !== '--json');
const json = names.length < process.argv.length - 2;
const unknown = names.filter((name) => !parts.includes(name));
if (unknown.length > 0) {
  console.error(`bench: no part called ${unknown.join(', ')}; there are ${parts.join(', ')}`);
  process.exit(2);
}
const wanted = parts.filter((name) => names.length === 0 || names.includes(name));

if (wanted.some((name) => nativeParts.includes(name))) buildNative();
const began = performance.now();
const rows = [];
for (const part of wanted) {
  if (process.stderr.isTTY) console.error(`bench: ${part} …`);
  const measured = part in javascriptParts ? await javascriptParts[part]() : runNative(part);
  const ofPart = measured.map((row) => ({ part, ...row }));
  if (!json) print(part, ofPart);
  rows.push(...ofPart);
}
if (json) console.log(JSON.stringify({ schema: 1, rows }, null, 2));
else printVerdict(rows, (performance.now() - began) / 1000);
process.exitCode = rows.some((row) => row.failed) ? 1 : 0;
