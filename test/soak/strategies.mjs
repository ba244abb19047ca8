// Compares the default strategy with every other over random groups, simulated with what the strategies measure
// themselves, with the built package:
//   node test/soak/strategies.mjs [groups per load] [seed] [load...]
// A load is what the domains dirty as a share of the link. Exits with 1 if the default completes any group
// more than 2 % later than an equal share of the link does.
import { seededRandom } from '../../dist/random.js';
import { simulateGroup } from '../../dist/simulate/simulation.js';
import { strategies } from '../../dist/strategy/strategy.js';
import { simulatedGroup } from './simulated-groups.mjs';

const groups = Number(process.argv[2] ?? process.env.SOAK_GROUPS ?? 1000);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? 1);
const loads = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [0.3, 0.6, 0.9, 1.2];
// The default is the last one there is.
const ours = strategies.at(-1).name;
const others = strategies.map(({ name }) => name).filter((name) => name !== ours);
const mostBehind = 1.02;
const measures = ['completionMs', 'trafficBytes', 'downtimeMs'];

let failed = false;
console.log(
  `${ours} against the others, ${groups} groups at each load, seed ${seed}; ratios below 1 are in its favour`,
);
console.log(
  '| load | against | completion: mean | worst | later by > 2 % | traffic: mean | worst | downtime: mean | worst |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const load of loads) {
  const random = seededRandom(seed);
  const ratios = new Map(others.map((name) => [name, []]));
  for (let index = 0; index < groups; index++) {
    const group = simulatedGroup(random, load);
    const reference = await outcomeOf(group, ours);
    for (const name of others) {
      const other = await outcomeOf(group, name);
      ratios.get(name).push(measures.map((measure) => reference[measure] / other[measure]));
    }
  }
  for (const [name, rows] of ratios) {
    const [completion, traffic, downtime] = measures.map((_, at) => summary(rows.map((row) => row[at])));
    const behind = rows.filter(([ratio]) => ratio > mostBehind).length / rows.length;
    const cells = [
      completion.mean,
      completion.worst,
      behind * 100,
      traffic.mean,
      traffic.worst,
      downtime.mean,
      downtime.worst,
    ];
    console.log(`| ${load} | ${name} | ${cells.map((cell) => cell.toFixed(2)).join(' | ')} |`);
    if (name === 'equal' && completion.worst > mostBehind) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;

async function outcomeOf(group, strategy) {
  const { outcome } = await simulateGroup({ ...group, strategy });
  if (outcome.outcome === 'committed') return outcome;
  throw new Error(`${strategy}: ${outcome.outcome}, ${outcome.reason}`);
}

/** The mean of ratios is the geometric one: twice as long and half as long even out. */
function summary(ratios) {
  const logs = ratios.map((ratio) => Math.log(ratio));
  return { mean: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length), worst: Math.max(...ratios) };
}
