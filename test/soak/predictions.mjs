// Holds predictions against process domains: real bytes over a real socket, each group predicted before round 0 from two
// seconds of measuring, and looked at every half second while it moves. With the built package, on a machine with nothing else
// to do:
//   node test/soak/predictions.mjs [seed] [cells] [links in Mbit/s]
// Prints each cell and how far off completion, traffic and ETA were. Fails where a bar is missed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { migrateGroup, openReceiver, startDomain } from '../../dist/index.js';
import { seededRandom } from '../../dist/random.js';
import { processGroup } from './process-groups.mjs';

const seed = Number(process.argv[2] ?? process.env.SOAK_SEED ?? 1);
const cells = Number(process.argv[3] ?? 24);
const links = (process.argv[4] ?? '40,100,200,400,800').split(',').map(Number);
const strategies = ['turns', 'turns', 'oba+mo', 'turns', 'lll+mo'];
const random = seededRandom(seed);
const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-predictions-'));
const found = [];

console.log(`${cells} cells, seed ${seed}; predicted before round 0 [80 % interval], then how much more it really was`);
console.log('| cell | completion, s | really | traffic | pause, ms | really | ETA after half, worst | link used |');
console.log('|---|---|---|---|---|---|---|---|');
try {
  for (let cell = 0; cell < cells; cell++) {
    const mbits = links[cell % links.length];
    const size = 1 + (Math.floor(cell / links.length + cell) % 4);
    const strategy = strategies[cell % strategies.length];
    const linkBytesPerSecond = (mbits * 1e6) / 8;
    const seconds = mbits >= 400 ? 4 : 5 + 4 * random();
    const load = 0.05 * 12 ** random();
    const domains = processGroup(random, { size, linkBytesPerSecond, seconds, load });
    const { outcome, looks } = await move(domains, { linkBytesPerSecond, strategy, restMs: 3000 * random() });
    if (outcome.outcome !== 'committed') throw new Error(`cell ${cell}: ${outcome.reason}`);
    const { completionMs, trafficBytes, downtimeMs } = outcome.predicted;
    const end = looks.at(-1).elapsedMs;
    const late = looks.filter(({ sentBytes, etaMs }) => etaMs !== null && sentBytes >= outcome.trafficBytes / 2);
    const eta = Math.max(0, ...late.map(({ predictedTotalMs }) => Math.abs(Math.log(predictedTotalMs / end))));
    const off = (interval, was) => Math.log(was / interval.likely);
    const result = {
      completion: off(completionMs, outcome.completionMs),
      traffic: off(trafficBytes, outcome.trafficBytes),
      held: [
        completionMs.low <= outcome.completionMs && outcome.completionMs <= completionMs.high,
        trafficBytes.low <= outcome.trafficBytes && outcome.trafficBytes <= trafficBytes.high,
      ],
      pause: outcome.downtimeMs >= 50 ? off(downtimeMs, outcome.downtimeMs) : null,
      eta,
    };
    found.push(result);
    const kinds = domains.map(({ workload }) => (workload.kind === 'steady' ? 's' : 'o')).join('');
    const range = ({ low, likely, high }, digits) =>
      `${likely.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
    const inSeconds = ({ low, likely, high }) => ({ low: low / 1000, likely: likely / 1000, high: high / 1000 });
    const used = outcome.trafficBytes / (outcome.completionMs / 1000) / linkBytesPerSecond;
    console.log(
      `| ${strategy} ${mbits} Mbit/s, ${kinds}, load ${load.toFixed(2)} | ${range(inSeconds(completionMs), 2)} | ` +
        `${(outcome.completionMs / 1000).toFixed(2)}, ${percent(result.completion)}${result.held[0] ? '' : ' !'} | ` +
        `${percent(result.traffic)}${result.held[1] ? '' : ' !'} | ${range(downtimeMs, 0)} | ` +
        `${outcome.downtimeMs.toFixed(0)} | ${percent(eta)} | ${used.toFixed(2)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const sizes = (values) => values.map(Math.abs).sort((a, b) => a - b);
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const completion = sizes(found.map((one) => one.completion));
const traffic = sizes(found.map((one) => one.traffic));
const pauses = sizes(found.flatMap(({ pause }) => (pause === null ? [] : [pause])));
const etas = sizes(found.map(({ eta }) => eta));
const share = (at) => found.filter(({ held }) => held[at]).length / found.length;
console.log(
  `completion: off by ${percent(quantile(completion, 0.5))} at the median, ${percent(quantile(completion, 0.9))} at the 90th percentile; interval holds in ${percent(Math.log1p(share(0)))}`,
);
console.log(
  `traffic: ${percent(quantile(traffic, 0.5))}, ${percent(quantile(traffic, 0.9))}; interval holds in ${percent(Math.log1p(share(1)))}`,
);
if (pauses.length > 0)
  console.log(
    `pauses of 50 ms and more (${pauses.length}): ${percent(quantile(pauses, 0.5))}, ${percent(quantile(pauses, 0.9))}`,
  );
console.log(
  `ETA after half of the transfer: worst of each cell ${percent(quantile(etas, 0.5))}, ${percent(quantile(etas, 0.9))}, ${percent(etas.at(-1))}`,
);
const bars = {
  'completion within 10 % at the median': quantile(completion, 0.5) <= Math.log(1.1),
  'completion within 25 % at the 90th percentile': quantile(completion, 0.9) <= Math.log(1.25),
  'the 80 % interval holds in 70 to 95 %': share(0) >= 0.7 && share(0) <= 0.95,
  'the ETA is within 20 % after half of the transfer': etas.at(-1) <= Math.log(1.2),
};
for (const [bar, met] of Object.entries(bars)) console.log(`${met ? 'met' : 'MISSED'}: ${bar}`);
process.exitCode = Object.values(bars).every(Boolean) ? 0 : 1;

async function move(specs, { linkBytesPerSecond, strategy, restMs }) {
  const place = mkdtempSync(join(folder, 'cell-'));
  const receiver = openReceiver({ registry: join(place, 'there'), independent: false });
  const domains = [];
  try {
    for (const spec of specs) domains.push(await startDomain({ ...spec, registry: join(place, 'here') }));
    await wait(restMs); // so that on-off guests are met anywhere in their periods
    const run = migrateGroup(domains, {
      to: receiver.address,
      linkBytesPerSecond,
      strategy,
      journalFolder: join(place, 'journal'),
    });
    const looks = [];
    const timer = setInterval(() => looks.push(run.status()), 500);
    const outcome = await run.result;
    clearInterval(timer);
    looks.push(run.status());
    return { outcome, looks };
  } finally {
    await receiver.close();
    for (const domain of domains) {
      await domain.destroy().catch(() => {});
      await domain.close();
    }
  }
}

/** Of a difference of logarithms. */
function percent(off) {
  return `${(100 * Math.expm1(off)).toFixed(0)} %`;
}
