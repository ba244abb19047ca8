// How long the optimal allocation takes. Beside it in the same run: plain bisection on both levels of the same model to
// the same tolerance, and the paper's Algorithm 2 with the paper's model.
//   node bench/solver.mjs
import { pathToFileURL } from 'node:url';
import { allocateOptimal } from '../dist/allocate/optimal.js';
import { allocateQuasiSecant } from '../dist/allocate/quasi-secant.js';
import { modelOf } from '../dist/model/load.js';
import { paperCost } from '../dist/model/paper.js';
import { Precopy } from '../dist/model/precopy.js';

/** Solves of a group of so many domains: ours, and the baselines', which take up to a hundred times as long. */
const plan = [
  { size: 3, solves: 5000, bisections: 100, paperSolves: 300 },
  { size: 10, solves: 3000, bisections: 50, paperSolves: 200 },
  { size: 24, solves: 2000, bisections: 20, paperSolves: 100 },
  { size: 96, solves: 2000, bisections: 10, paperSolves: 40 },
  { size: 1000, solves: 100, bisections: 2, paperSolves: 10 },
  { size: 10_000, solves: 20, bisections: 1, paperSolves: 3 },
];
const warmUpSolves = 300;
const p99GoalMs = 1;
/** Linear: a domain of ten thousand may cost at most this many times what one of a hundred does. */
const linearGoal = 2;
/** Paper, section 3.3.2: "more than 10 equations within one second", on the machines of 2013. */
const paper = { size: 10, milliseconds: 1000 };

/** @returns {Promise<Omit<import('./report.mjs').Row, 'part'>[]>} */
export async function run() {
  const random = generator(1);
  for (let i = 0; i < warmUpSolves; i++) solve(randomGroup(random, 24));
  const rows = [];
  const perDomain = new Map();
  for (const { size, solves, bisections, paperSolves } of plan) {
    const groups = Array.from({ length: solves }, () => randomGroup(random, size));
    const ours = groups.map((group) => milliseconds(() => solve(group)));
    const bisection = groups.slice(0, bisections).map((group) => milliseconds(() => bisect(group)));
    const median = quantile(ours, 0.5);
    perDomain.set(size, (1000 * median) / size);
    rows.push(row(`allocate ${size} domains, median`, median, quantile(bisection, 0.5), 'bisection'));
    const goal = size === 96 ? `<= ${p99GoalMs}` : '';
    const p99 = quantile(ours, 0.99);
    rows.push({
      ...row(`allocate ${size} domains, p99`, p99, quantile(bisection, 0.99), 'bisection'),
      ...(goal && { goal, met: p99 <= p99GoalMs }),
    });
    const arrived = algorithm2(groups.slice(0, paperSolves));
    if (arrived.length > 0) {
      const name = `Algorithm 2, the ${arrived.length} of ${paperSolves} where it arrives`;
      rows.push(row(`allocate ${size} domains, median`, median, quantile(arrived, 0.5), name));
    }
    if (size === paper.size) {
      rows.push(row(`allocate ${size} domains, median`, median, paper.milliseconds, 'as the paper states'));
    }
  }
  const [few, many] = [perDomain.get(96), perDomain.get(10_000)];
  rows.push({
    ...row('time per domain of 10000', many, few, 'of 96', 'us'),
    goal: `<= ${linearGoal} x that of 96`,
    met: many <= linearGoal * few,
  });
  return rows;
}

function row(name, ours, baseline, baselineName, unit = 'ms') {
  return { name, ours, baseline, baselineName, ratio: baseline / ours, unit };
}

/** The times of those solves that arrive, from a short first step, with which most do. */
function algorithm2(groups) {
  return groups.flatMap(({ domains, link }) => {
    const least = Math.min(...domains.map((domain) => paperCost(domain, link).completionSeconds));
    let arrives = false;
    const time = milliseconds(() => {
      arrives = allocateQuasiSecant(domains, link, { firstStepSeconds: least / 10 }).bytesPerSecond !== null;
    });
    return arrives ? [time] : [];
  });
}

function solve({ domains, link }) {
  return allocateOptimal(domains, link);
}

/** Halving for the completion, and for each completion halving for each rate: what one writes first. */
function bisect({ domains, link }) {
  const model = modelOf({});
  const precopies = domains.map((domain) => new Precopy(domain, model));
  const leastRate = (precopy, seconds) =>
    halve(precopy.firstBytes / seconds, precopy.mostBytes / seconds, 1e-12, (rate) => {
      precopy.evaluate(rate);
      return precopy.trafficBytes / rate <= seconds;
    });
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const seconds = halve(
    sum(precopies.map((precopy) => precopy.firstBytes)) / link,
    sum(precopies.map((precopy) => precopy.mostBytes)) / link,
    1e-9,
    (candidate) => sum(precopies.map((precopy) => leastRate(precopy, candidate))) <= link,
  );
  return precopies.map((precopy) => leastRate(precopy, seconds));
}

/** Least value in (low, high] for which `enough` holds, given that it holds from there on. */
function halve(low, high, tolerance, enough) {
  while (high - low > tolerance * high) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Guests of 0.5 to 16 GiB, a twentieth to four fifths of it written, on links from 0.8 to 3.3 times what they dirty.
 */
function randomGroup(random, size) {
  const logUniform = (low, high) => low * Math.exp(random() * Math.log(high / low));
  const domains = Array.from({ length: size }, () => {
    const memoryBytes = logUniform(2 ** 29, 2 ** 34);
    return { memoryBytes, wwsBytes: memoryBytes * (0.05 + 0.75 * random()), dirtyBytesPerSecond: logUniform(1e5, 5e7) };
  });
  const dirtied = domains.reduce((sum, domain) => sum + domain.dirtyBytesPerSecond, 0);
  return { domains, link: dirtied / [0.3, 0.6, 0.9, 1.2][Math.floor(random() * 4)] };
}

function milliseconds(work) {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** mulberry32, so that every run solves the same groups. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { print } = await import('./report.mjs');
  print('solver', await run());
}
