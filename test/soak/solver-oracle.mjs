// Compares the optimal allocation with a general nonlinear solver, SciPy's SLSQP, with the built package:
//   node test/soak/solver-oracle.mjs [groups] [seed]
// The groups are smooth (a fixed number of rounds, no thresholds, no traffic limit), as such a solver goes by slopes.
// Exits with 1 where the oracle's division is better by more than 1e-6, or completes before the certified least.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allocateOptimal } from '../../dist/allocate/optimal.js';
import { randomGroups } from './random-groups.mjs';

const count = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? Date.now() % 2 ** 32);
const gapGoal = 1e-6;

if (spawnSync('python3', ['-c', 'import scipy.optimize']).status !== 0) {
  console.log('solver oracle: skipped, SciPy is missing: on Debian "apt-get install python3-scipy"');
  process.exit(0);
}
const { random, logUniform } = randomGroups(seed);
const groups = Array.from({ length: count }, smoothGroup);
const script = fileURLToPath(new URL('solver-oracle.py', import.meta.url));
const { status, stdout, stderr } = spawnSync('python3', [script], { input: JSON.stringify(groups), encoding: 'utf8' });
if (status !== 0) throw new Error(`the oracle failed:\n${stderr}`);

const oracle = JSON.parse(stdout);
let better = 0;
let impossible = 0;
let apart = 0;
let worstGap = Number.NEGATIVE_INFINITY;
for (const [index, { domains, link, rounds }] of groups.entries()) {
  const options = { roundLimit: rounds, thresholdBytes: 0, trafficFactor: Number.POSITIVE_INFINITY };
  const { lower, upper } = allocateOptimal(domains, link, options).completionSeconds;
  const gap = upper / oracle[index] - 1;
  worstGap = Math.max(worstGap, gap);
  if (gap > gapGoal) better++;
  if (oracle[index] < lower * (1 - 1e-9)) impossible++;
  if (Math.abs(gap) > gapGoal) apart++;
  if (gap > gapGoal || oracle[index] < lower * (1 - 1e-9)) {
    console.error(
      `group ${index}: [${lower}, ${upper}], the oracle ${oracle[index]}\n  ${JSON.stringify(groups[index])}`,
    );
  }
}
console.log(
  `solver oracle: ${count} groups, SciPy better by over 1e-6 in ${better}, ` +
    `before the certified least in ${impossible}, worse by over 1e-6 in ${apart - better}; worst gap of ours ${worstGap.toExponential(1)}, seed ${seed}`,
);
process.exitCode = better + impossible === 0 ? 0 : 1;

/** Guests of 0.25 to 32 GiB on links from a third to three times what they dirty; bounds for some. */
function smoothGroup() {
  const size = 1 + Math.floor(6 * random());
  const free = Array.from({ length: size }, () => {
    const memoryBytes = logUniform(2 ** 28, 2 ** 35);
    return {
      memoryBytes,
      wwsBytes: memoryBytes * (0.05 + 0.75 * random()),
      dirtyBytesPerSecond: logUniform(1e5, 5e7),
      ...(random() < 0.3 && { coldBytesPerSecond: logUniform(1e4, 1e6) }),
    };
  });
  const link = free.reduce((sum, { dirtyBytesPerSecond }) => sum + dirtyBytesPerSecond, 0) * logUniform(1 / 3, 3);
  const domains = free.map((domain) => ({
    ...domain,
    ...(random() < 0.2 && { leastBytesPerSecond: (random() * 0.9 * link) / size }),
    ...(random() < 0.2 && { mostBytesPerSecond: link * (0.9 / size + random()) }),
  }));
  return { domains, link, rounds: 1 + Math.floor(8 * random()) };
}
