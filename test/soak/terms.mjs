// Compares the terms on which `oba+mo` divides the link, over random groups, with the built package:
//   node test/soak/terms.mjs [groups per load] [seed]
// Ratios are to `mo`, which moves one domain after another.
import { seededRandom } from '../../dist/random.js';
import { simulateGroup } from '../../dist/simulate/simulation.js';
import { paperTerms, settlingTerms } from '../../dist/strategy/division.js';
import { strategies } from '../../dist/strategy/strategy.js';
import { simulatedGroup } from './simulated-groups.mjs';

const groups = Number(process.argv[2] ?? process.env.SOAK_GROUPS ?? 100);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? 1);
const divided = strategies.find(({ name }) => name === 'oba+mo');
const terms = {
  'as in the paper': paperTerms,
  'one round, 10 %': { ...settlingTerms, mostForWaiting: paperTerms.mostForWaiting },
  'one round, 2 %': settlingTerms,
};

console.log(`${groups} groups at each load, seed ${seed}; ratios to mo, geometric mean`);
console.log('| load | terms | completion | pause |');
console.log('|---|---|---|---|');
for (const load of [0.3, 0.6, 0.9, 1.2]) {
  const random = seededRandom(seed);
  const logs = Object.fromEntries(Object.keys(terms).map((name) => [name, { completion: 0, pause: 0 }]));
  for (let index = 0; index < groups; index++) {
    const group = simulatedGroup(random, load);
    const mo = await outcomeOf(group, 'mo');
    for (const [name, own] of Object.entries(terms)) {
      divided.terms = own;
      const { completionMs, downtimeMs } = await outcomeOf(group, divided.name);
      logs[name].completion += Math.log(completionMs / mo.completionMs) / groups;
      logs[name].pause += Math.log(downtimeMs / mo.downtimeMs) / groups;
    }
  }
  for (const [name, { completion, pause }] of Object.entries(logs)) {
    console.log(`| ${load} | ${name} | ${Math.exp(completion).toFixed(2)} | ${Math.exp(pause).toFixed(2)} |`);
  }
}

async function outcomeOf(group, strategy) {
  const { outcome } = await simulateGroup({ ...group, strategy });
  if (outcome.outcome === 'committed') return outcome;
  throw new Error(`${strategy}: ${outcome.outcome}, ${outcome.reason}`);
}
