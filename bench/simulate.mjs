// What a simulated migration costs: groups of three domains per minute, through the same arbitrator, protocol and strategies
// as real ones. Loads differ from group to group and are noisy, so that no two do the same.
import { simulateGroup } from '../dist/simulate/simulation.js';

const MiB = 2 ** 20;
const warmUpGroups = 100;
const groups = 1_000;
const goal = 10_000;
const fence = 2_000;

/** @returns {Promise<import('./report.mjs').Row[]>} */
export async function run() {
  const rows = [];
  for (const strategy of ['oba+mo', 'ns']) {
    for (let group = 0; group < warmUpGroups; group++) await simulate(strategy, group);
    const began = performance.now();
    for (let group = 0; group < groups; group++) await simulate(strategy, group);
    const perMinute = groups / ((performance.now() - began) / 60_000);
    rows.push({
      name: `simulated migrations of three 1 GiB domains, ${strategy}`,
      unit: 'per minute',
      ours: perMinute,
      goal: `>= ${goal} per minute`,
      met: perMinute >= goal,
      fence,
      failed: perMinute < fence,
    });
  }
  return rows;
}

async function simulate(strategy, seed) {
  const domains = ['web', 'app', 'db'].map((name, tier) => ({
    name,
    memoryBytes: 1024 * MiB,
    noise: 0.2,
    workload: {
      kind: ['steady', 'on-off', 'waves'][(seed + tier) % 3],
      seed: tier,
      usedBytes: 800 * MiB,
      wwsBytes: [64, 96, 500][tier] * MiB,
      hotBytes: 20 * MiB,
      hotWritesPerSecond: 100 * (1 + ((seed * 7 + tier) % 11)),
      coldWritesPerSecond: 50 * (1 + ((seed * 5 + tier) % 13)),
      lowLevel: 0.3,
      periodMs: 20_000,
      phase: 0,
    },
  }));
  const { outcome } = await simulateGroup({ domains, linkBytesPerSecond: 30 * MiB, latencyMs: 1, strategy, seed });
  if (outcome.outcome !== 'committed') throw new Error(`simulated group ${seed} was not moved: ${outcome.reason}`);
}
