// Compares when a group's link is divided anew, over random groups of domains whose loads rise and fall (§5.5, Fig. 16),
// with the built package:
//   node test/soak/adaptation.mjs [groups per load] [seed]
// Ratios are to dividing anew when a round shows that it pays; the spread is the standard deviation of their logarithms.
import { seededRandom } from '../../dist/random.js';
import { simulateGroup } from '../../dist/simulate/simulation.js';
import { simulatedGroup } from './simulated-groups.mjs';

const groups = Number(process.argv[2] ?? process.env.SOAK_GROUPS ?? 200);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? 1);
const windows = [0.5, 2, 8, 30, 120];
const modes = { phases: 'phases', ...Object.fromEntries(windows.map((w) => [`${w} s`, { windowMs: w * 1000 }])) };
const measures = ['completionMs', 'trafficBytes', 'downtimeMs'];

console.log(`${groups} groups at each load, seed ${seed}; ratios to the first line: geometric mean ± spread`);
console.log('| load | anew | divisions | completion | traffic | pause |');
console.log('|---|---|---|---|---|---|');
for (const load of [0.3, 0.9]) {
  const random = seededRandom(seed);
  const found = Object.fromEntries(Object.keys(modes).map((name) => [name, []]));
  for (let index = 0; index < groups; index++) {
    const group = inWaves(simulatedGroup(random, load));
    for (const [name, adapt] of Object.entries(modes)) found[name].push(await move(group, adapt));
  }
  for (const [name, results] of Object.entries(found)) {
    const divisions = results.reduce((sum, result) => sum + result.divisions, 0) / groups;
    const cells = measures.map((measure) =>
      summary(results.map((result, at) => result[measure] / found.phases[at][measure])),
    );
    console.log(`| ${load} | ${name} | ${divisions.toFixed(0)} | ${cells.join(' | ')} |`);
  }
}

function inWaves(group) {
  const domains = group.domains.map((domain) => ({ ...domain, workload: { ...domain.workload, kind: 'waves' } }));
  return { ...group, domains };
}

async function move(group, adapt) {
  const { outcome, events } = await simulateGroup({ ...group, strategy: 'oba+mo', adapt });
  if (outcome.outcome !== 'committed') throw new Error(`${outcome.outcome}: ${outcome.reason}`);
  return { ...outcome, divisions: events.filter(({ event }) => event.type === 'rates').length };
}

function summary(ratios) {
  const logs = ratios.map((ratio) => Math.log(ratio));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  return `${Math.exp(mean).toFixed(3)} ± ${Math.sqrt(variance).toFixed(2)}`;
}
