// Fuzzes the allocation of a link among groups of domains, with the built package:
//   node test/soak/solver.mjs [groups] [seed]
// Exits with 1 if any law is broken, and prints the first groups that break one.
import { allocateOptimal } from '../../dist/allocate/optimal.js';
import { predictMigration } from '../../dist/model/predict.js';

const groups = Number(process.argv[2] ?? process.env.SOAK_GROUPS ?? 1_000_000);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? Date.now() % 2 ** 32);
const shownFailures = 5;
/** One group in so many is also solved by halving, and tried for monotone completions. */
const sampleEvery = 200;

let state = seed >>> 0;
let failures = 0;
const worst = { leftover: 0, certificate: 0, bruteForce: 0 };

for (let index = 0; index < groups; index++) {
  const group = randomGroup();
  try {
    checkAllocation(group);
    if (index % sampleEvery === 0) {
      checkOptimum(group);
      checkMonotone(group);
    }
  } catch (error) {
    failures++;
    if (failures <= shownFailures) console.error(`group ${index}: ${error.message}\n  ${JSON.stringify(group)}`);
  }
}
console.log(
  `solver soak: ${groups} groups, ${failures} failures, worst leftover ${worst.leftover.toExponential(1)}, ` +
    `worst certificate gap ${worst.certificate.toExponential(1)}, ` +
    `worst brute-force gap ${worst.bruteForce.toExponential(1)}, seed ${seed}`,
);
process.exitCode = failures === 0 ? 0 : 1;

function checkAllocation({ domains, link, options }) {
  const { bytesPerSecond, completionSeconds } = allocateOptimal(domains, link, options);
  const { lower, upper } = completionSeconds;
  const total = bytesPerSecond.reduce((sum, rate) => sum + rate, 0);
  const pending = domains.some((domain) => domain.remainingBytes !== 0);
  ensure(lower <= upper && upper < Number.POSITIVE_INFINITY, `completion in [${lower}, ${upper}]`);
  ensure(pending ? total > 0 : total === 0, `the rates add up to ${total}`);
  ensure(total <= link * (1 + 1e-9), `the rates exceed the link by ${total / link - 1}`);
  if (pending) {
    const certificate = (upper - lower) / upper;
    ensure(certificate <= 1e-9, `the bounds are ${certificate} apart`);
    worst.certificate = Math.max(worst.certificate, certificate);
    worst.leftover = Math.max(worst.leftover, 1 - total / link);
  }
  for (const [k, domain] of domains.entries()) {
    if (domain.remainingBytes === 0) {
      ensure(bytesPerSecond[k] === 0, `domain ${k} is done and gets ${bytesPerSecond[k]}`);
      continue;
    }
    const seconds = predictMigration(domain, bytesPerSecond[k], options).completionSeconds;
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

/** Mostly small groups, of ordinary or of any domains, on a link from far below to far above what they dirty. */
function randomGroup() {
  const size = random() < 0.01 ? 1 + Math.floor(200 * random()) : 1 + Math.floor(12 * random() ** 2);
  const ordinary = random() < 0.5;
  const twin = random() < 0.05;
  const domains = Array.from({ length: size }, () => (ordinary ? ordinaryDomain() : anyDomain()));
  if (twin) domains.fill(domains[0]);
  const dirtied = domains.reduce((sum, domain) => sum + domain.dirtyBytesPerSecond, 0);
  const link = ordinary && dirtied > 0 ? dirtied / logUniform(0.05, 20) : logUniform(1, 1e12);
  const options = random() < 0.5 ? {} : anyOptions();
  return { domains, link, options };
}

function ordinaryDomain() {
  const memoryBytes = logUniform(2 ** 28, 2 ** 35);
  return {
    memoryBytes,
    wwsBytes: memoryBytes * (0.05 + 0.75 * random()),
    dirtyBytesPerSecond: logUniform(1e5, 5e7),
  };
}

function anyDomain() {
  const memoryBytes = random() < 0.05 ? 4096 : Math.floor(logUniform(4096, 2 ** 43));
  const still = random();
  const domain = {
    memoryBytes,
    wwsBytes: still < 0.1 ? 0 : still < 0.25 ? memoryBytes : memoryBytes * random(),
    dirtyBytesPerSecond: random() < 0.1 ? 0 : logUniform(1, 1e12),
  };
  if (random() < 0.3) {
    domain.remainingBytes = random() < 0.1 ? 0 : memoryBytes * logUniform(1e-9, 1);
    domain.sentBytes = 4 * memoryBytes * random();
  }
  return domain;
}

function anyOptions() {
  return {
    growth: random() < 0.5 ? 'linear' : 'saturating',
    roundLimit: 1 + Math.floor(60 * random()),
    trafficFactor: random() < 0.2 ? Number.POSITIVE_INFINITY : 5 * random(),
    thresholdBytes: random() < 0.2 ? 0 : logUniform(1, 2 ** 30),
  };
}

function logUniform(low, high) {
  return low * Math.exp(random() * Math.log(high / low));
}

/** mulberry32: 32 bits of state are enough to tell one run from another and to repeat it. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}

function ensure(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
