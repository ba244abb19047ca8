// Compares `turns`, in Smith's order and with eight vain rounds for each domain before the barrier, with what it was: the
// slowest to dirty first, and three. Over random simulated groups, with the built package:
//   node test/soak/turn-order.mjs [groups per load] [seed] [load...]
// Prints geometric means of the ratios with their standard errors. Exits with 1 unless the pause is on
// average at most 0.95 of what it was, and completion at most 1.01.
import { seededRandom } from '../../dist/random.js';
import { simulateGroup } from '../../dist/simulate/simulation.js';
import { strategies } from '../../dist/strategy/strategy.js';
import { simulatedGroup } from './simulated-groups.mjs';

const groups = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? 1);
const loads = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [0.3, 0.6, 0.9, 1.2];

const turns = strategies.find(({ name }) => name === 'turns');
/** Every domain the same size in the eyes of the division: what is left of Smith's order is the dirty rate. */
const slowestFirst = (members, link, terms) => {
  const sameSize = members.map((member) =>
    member.sentOnce ? member : { ...member, load: { ...member.load, remainingBytes: 1 } },
  );
  return turns.division(sameSize, link, terms);
};
strategies.push({
  ...turns,
  name: 'slowest-first',
  division: slowestFirst,
  settling: { ...turns.settling, maxVainRounds: 3 },
});

const measures = ['completionMs', 'trafficBytes', 'downtimeMs'];
const all = measures.map(() => []);
console.log(`turns against what it was, ${groups} groups at each load, seed ${seed}`);
for (const load of loads) {
  const random = seededRandom(seed);
  const logs = measures.map(() => []);
  for (let index = 0; index < groups; index++) {
    const group = simulatedGroup(random, load);
    const [smith, slowest] = [await outcomeOf(group, 'turns'), await outcomeOf(group, 'slowest-first')];
    for (const [at, measure] of measures.entries()) logs[at].push(Math.log(smith[measure] / slowest[measure]));
  }
  for (const [at, values] of logs.entries()) all[at].push(...values);
  print(`load ${load}`, logs);
}
const [completion, , pause] = print('all', all);
process.exitCode = pause <= 0.95 && completion <= 1.01 ? 0 : 1;

async function outcomeOf(group, strategy) {
  const { outcome } = await simulateGroup({ ...group, strategy });
  if (outcome.outcome === 'committed') return outcome;
  throw new Error(`${strategy}: ${outcome.outcome}, ${outcome.reason}`);
}

function print(title, logs) {
  const cells = logs.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { ratio: Math.exp(mean), error: Math.sqrt(variance / values.length) };
  });
  const [completion, traffic, pause] = cells.map(({ ratio, error }) => `${ratio.toFixed(3)} ± ${error.toFixed(3)}`);
  console.log(`${title}: completion ${completion}, traffic ${traffic}, pause ${pause}`);
  return cells.map(({ ratio }) => ratio);
}
