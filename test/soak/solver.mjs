// Fuzzes the allocation of a link among groups of domains, with the built package:
//   node test/soak/solver.mjs [groups] [seed] [groups for Algorithm 2]
// The paper's Algorithm 2 is tried on the first of the same groups, one in twenty if not told how many.
// Exits with 1 if ours breaks any law, and prints the first groups that break one.
import { allocateOptimal } from '../../dist/allocate/optimal.js';
import { allocateQuasiSecant } from '../../dist/allocate/quasi-secant.js';
import { renderTable } from '../../dist/cli/render/table.js';
import { paperCost } from '../../dist/model/paper.js';
import { predictMigration } from '../../dist/model/predict.js';
import { randomGroups } from './random-groups.mjs';

const groups = Number(process.argv[2] ?? process.env.SOAK_GROUPS ?? 1_000_000);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? Date.now() % 2 ** 32);
const paperGroups = Number(process.argv[4] ?? groups / 20);
const shownFailures = 5;
/** One group in so many is also solved by halving, and tried for monotone completions. */
const sampleEvery = 200;

const { random, logUniform, group: randomGroup } = randomGroups(seed);
let failures = 0;
const worst = { leftover: 0, certificate: 0, bruteForce: 0 };
/** What was solved and what was not, by how much the domains dirty of what the link carries. */
const tally = new Map(
  ['ordinary, below 0.5 B', 'ordinary, 0.5 to 1 B', 'ordinary, above B', 'any'].map((kind) => [
    kind,
    { tried: 0, failed: 0, paperTried: 0, paperFailed: 0, paperShortFailed: 0 },
  ]),
);

for (let index = 0; index < groups; index++) {
  const group = randomGroup();
  const count = tally.get(kindOf(group));
  count.tried++;
  try {
    checkAllocation(group);
    if (index % sampleEvery === 0) {
      if (group.domains.every(isUnbounded)) checkOptimum(group);
      checkMonotone(group);
    }
  } catch (error) {
    failures++;
    count.failed++;
    if (failures <= shownFailures) console.error(`group ${index}: ${error.message}\n  ${JSON.stringify(group)}`);
  }
  if (index < paperGroups) {
    count.paperTried++;
    if (!paperArrives(group, logUniform(1e-3, 1e3))) count.paperFailed++;
    if (!paperArrives(group, 0.1)) count.paperShortFailed++;
  }
}
printTally();
console.log(
  `solver soak: ${groups} groups, ${failures} failures, worst leftover ${worst.leftover.toExponential(1)}, ` +
    `worst certificate gap ${worst.certificate.toExponential(1)}, ` +
    `worst brute-force gap ${worst.bruteForce.toExponential(1)}, seed ${seed}`,
);
process.exitCode = failures === 0 ? 0 : 1;

function kindOf({ ordinary, domains, link }) {
  if (!ordinary) return 'any';
  const load = domains.reduce((sum, { dirtyBytesPerSecond }) => sum + dirtyBytesPerSecond, 0) / link;
  return load < 0.5 ? 'ordinary, below 0.5 B' : load < 1 ? 'ordinary, 0.5 to 1 B' : 'ordinary, above B';
}

function isUnbounded({ leastBytesPerSecond = 0, mostBytesPerSecond = Number.POSITIVE_INFINITY }) {
  return leastBytesPerSecond === 0 && mostBytesPerSecond === Number.POSITIVE_INFINITY;
}

/**
 * Algorithm 2 knows neither bounds nor migrations under way; it is given what it knows. The first step is in units of
 * S.
 */
function paperArrives({ domains, link }, firstStep) {
  const least = Math.min(...domains.map((domain) => paperCost(domain, link).completionSeconds));
  return allocateQuasiSecant(domains, link, { firstStepSeconds: firstStep * least }).bytesPerSecond !== null;
}

function printTally() {
  const percent = (part, whole) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(part === 0 ? 0 : 2)} %`);
  const rows = [...tally].map(([kind, count]) => [
    kind,
    String(count.tried),
    percent(count.failed, count.tried),
    String(count.paperTried),
    percent(count.paperFailed, count.paperTried),
    percent(count.paperShortFailed, count.paperTried),
  ]);
  const right = (title) => ({ title, align: 'right' });
  const columns = [
    { title: 'domains dirty' },
    right('groups'),
    right('failed'),
    right('Algorithm 2: groups'),
    right('failed, q random'),
    right('failed, q = S/10'),
  ];
  for (const line of renderTable({ columns, rows }, { dim: (text) => text })) console.log(line);
}

function checkAllocation({ domains, link, options }) {
  const { bytesPerSecond, completionSeconds } = allocateOptimal(domains, link, options);
  const { lower, upper } = completionSeconds;
  const total = bytesPerSecond.reduce((sum, rate) => sum + rate, 0);
  const pending = domains.filter((domain) => domain.remainingBytes !== 0);
  const usable = Math.min(
    link,
    pending.reduce((sum, { mostBytesPerSecond = link }) => sum + mostBytesPerSecond, 0),
  );
  ensure(lower <= upper && upper < Number.POSITIVE_INFINITY, `completion in [${lower}, ${upper}]`);
  ensure(pending.length > 0 ? total > 0 : total === 0, `the rates add up to ${total}`);
  ensure(total <= link * (1 + 1e-9), `the rates exceed the link by ${total / link - 1}`);
  if (pending.length > 0) {
    const certificate = (upper - lower) / upper;
    const leftover = 1 - total / usable;
    ensure(certificate <= 1e-9, `the bounds are ${certificate} apart`);
    ensure(leftover <= 1e-7, `a share of ${leftover} is left over`);
    worst.certificate = Math.max(worst.certificate, certificate);
    worst.leftover = Math.max(worst.leftover, leftover);
  }
  for (const [k, domain] of domains.entries()) {
    const { leastBytesPerSecond = 0, mostBytesPerSecond = link } = domain;
    const rate = bytesPerSecond[k];
    if (domain.remainingBytes === 0) {
      ensure(rate === 0, `domain ${k} is done and gets ${rate}`);
      continue;
    }
    ensure(rate >= leastBytesPerSecond && rate <= mostBytesPerSecond, `domain ${k} gets ${rate}, out of its bounds`);
    const seconds = predictMigration(domain, rate, options).completionSeconds;
    ensure(seconds <= upper * (1 + 1e-12), `domain ${k} completes after ${seconds}, not ${upper}`);
  }
}
/** Against the same optimum found in another way, in the space of rates, for the group's first three domains. */
function checkOptimum({ domains, link, options }) {
  const few = domains.filter((domain) => domain.remainingBytes !== 0).slice(0, 3);
  if (few.length === 0) return;
  const { lower, upper } = allocateOptimal(few, link, options).completionSeconds;
  // A guest's completion may jump at a rate; a hair's breadth of the link decides on which side of the jump it is.
  const wide = leastByHalving(few, link * (1 + 1e-11), options);
  const narrow = leastByHalving(few, link * (1 - 1e-11), options);
  const gap = Math.max(wide / upper - 1, upper / narrow - 1, lower / narrow - 1);
  ensure(gap <= 1e-6, `halving finds [${wide}, ${narrow}], the solver [${lower}, ${upper}]`);
  worst.bruteForce = Math.max(worst.bruteForce, gap);
}

/** The more the first domain gets, the earlier it completes and the later the others do. */
function leastByHalving([first, ...others], link, options) {
  const alone = (rate) => predictMigration(first, rate, options).completionSeconds;
  if (others.length === 0) return alone(link);
  let low = 0;
  let high = link;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 64; step++) {
    const rate = low + (high - low) / 2;
    if (!(rate > 0 && link - rate > 0)) break;
    const mine = alone(rate);
    const theirs = leastByHalving(others, link - rate, options);
    least = Math.min(least, Math.max(mine, theirs));
    if (mine > theirs) low = rate;
    else high = rate;
  }
  return least;
}

function checkMonotone({ domains, link, options }) {
  for (const domain of domains) {
    const slow = link * random();
    const fast = slow * (1 + logUniform(1e-9, 1e3));
    if (slow === 0) continue;
    const before = predictMigration(domain, slow, options).completionSeconds;
    const after = predictMigration(domain, fast, options).completionSeconds;
    ensure(after <= before * (1 + 1e-12), `completes after ${before} at ${slow} B/s, ${after} at ${fast} B/s`);
  }
}

function ensure(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
