// Runs the demo with its defaults and random seeds, and holds every run against what the demo promises. The number of
// runs is the first argument, 20 by default.
import { spawnSync } from 'node:child_process';

const runs = Number(process.argv[2] ?? 20);
const problems = [];
const worst = { unsynchronisedMs: 0, completion: 0, traffic: 0, downtime: 0 };
const mean = { completion: 0, traffic: 0, downtime: 0 };

for (let run = 0; run < runs; run++) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const demo = spawnSync(process.execPath, ['dist/bundle/vmbuddies.js', 'demo', '--seed', String(seed), '--json'], {
    encoding: 'utf8',
  });
  let byName;
  try {
    byName = Object.fromEntries(JSON.parse(demo.stdout).runs.map((one) => [one.strategy, one]));
  } catch {
    problems.push(`seed ${seed}: exit code ${demo.status}: ${demo.stderr.split('\n').slice(-4).join(' | ')}`);
    continue;
  }
  const { ns, 'oba+mo': vmbuddies } = byName;
  const ratio = (field) => vmbuddies[field] / ns[field];
  const ratios = {
    completion: ratio('completionMs'),
    traffic: ratio('trafficBytes'),
    downtime: ratio('downtimeMs'),
  };
  const holds =
    demo.status === 0 &&
    [ns, vmbuddies].every((one) => one.outcome === 'committed' && one.domains.every(({ verified }) => verified)) &&
    vmbuddies.unsynchronisedMs < 100 &&
    ns.unsynchronisedMs > 1000 &&
    ratios.completion < 1 &&
    ratios.traffic < 1;
  if (!holds)
    problems.push(
      `seed ${seed}: exit code ${demo.status}, ${JSON.stringify({ ...ratios, unsynchronisedMs: vmbuddies.unsynchronisedMs })}`,
    );
  worst.unsynchronisedMs = Math.max(worst.unsynchronisedMs, vmbuddies.unsynchronisedMs);
  for (const [name, value] of Object.entries(ratios)) {
    worst[name] = Math.max(worst[name], value);
    mean[name] += value / runs;
  }
  console.log(
    `seed ${seed}: completion x${ratios.completion.toFixed(2)}, traffic x${ratios.traffic.toFixed(2)}, downtime x${ratios.downtime.toFixed(2)} of ns; ` +
      `unsynchronised ${vmbuddies.unsynchronisedMs.toFixed(1)} ms against ${(ns.unsynchronisedMs / 1000).toFixed(1)} s`,
  );
}
for (const problem of problems) console.error(problem);
console.log(
  `demo soak: ${runs} runs, ${problems.length} failures; mean ${JSON.stringify(mean)}, worst ${JSON.stringify(worst)}`,
);
process.exit(problems.length === 0 ? 0 : 1);
