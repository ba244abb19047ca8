// Profile, plan, migrate: groups of process domains are watched, planned from what the file says, and moved.
//   node test/soak/profile-plan-migrate.mjs [seed] [groups] [links: 40,100,200]
// Prints each group and how far the plan's median was off, and whether the real figure lay within the plan's range.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseApplication } from '../../dist/files/application-file.js';
import { applicationText } from '../../dist/files/application-text.js';
import {
  migrateGroup,
  openDomain,
  openReceiver,
  planMigration,
  profileDomains,
  startDomain,
} from '../../dist/index.js';
import { seededRandom } from '../../dist/random.js';

const [seed = 1, groups = 8] = process.argv.slice(2, 4).map(Number);
const links = (process.argv[4] ?? '40,100,200').split(',').map(Number);
const MiB = 2 ** 20;
const random = seededRandom(seed);
const between = (low, high) => low + (high - low) * random();
const pick = (list) => list[Math.floor(random() * list.length)];

function workload(kind, memoryBytes, seed) {
  const usedBytes = Math.round(memoryBytes * between(0.6, 0.9));
  const wwsBytes = Math.round(usedBytes * between(0.2, 0.5));
  const hotBytes = Math.round(wwsBytes * between(0.05, 0.3));
  const hotWritesPerSecond = between(300, 2500);
  const coldWritesPerSecond = between(50, 600);
  const common = { seed, usedBytes, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond };
  if (kind === 'steady') return { kind, ...common, hotBytes: 0, hotWritesPerSecond: 0 };
  if (kind === 'hot+cold') return { kind: 'steady', ...common };
  return { kind: 'on-off', ...common, lowLevel: between(0.1, 0.5), periodMs: between(3000, 8000), phase: random() };
}

const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-soak-'));
const [here, there] = [join(folder, 'here'), join(folder, 'there')];
const off = { completion: [], traffic: [], downtime: [] };
const inside = { completion: 0, traffic: 0, downtime: 0 };

console.log(`seed ${seed}, ${groups} groups; links ${links.join(', ')} Mbit/s`);
for (let group = 0; group < groups; group++) {
  const link = (pick(links) * 1e6) / 8;
  const size = 1 + Math.floor(random() * 3);
  const kinds = Array.from({ length: size }, () => pick(['hot+cold', 'on-off', 'steady']));
  const domains = [];
  for (const [index, kind] of kinds.entries()) {
    // As long a transfer whatever the link, so that a cell takes some seconds.
    const memoryBytes = Math.round((link * between(3, 8)) / size / MiB + 4) * MiB;
    const name = `${'abc'[index]}${group}`;
    domains.push(
      await startDomain({ name, memoryBytes, registry: here, workload: workload(kind, memoryBytes, index + 1) }),
    );
  }
  const receiver = openReceiver({ registry: there, maxMemoryBytes: 4096 * MiB });
  try {
    const text = applicationText(await profileDomains(domains, { durationMs: 20_000 }));
    const { predictions } = await planMigration(parseApplication(text, 'app.yaml'), {
      linkBytesPerSecond: link,
      strategies: ['turns'],
      runs: 20,
      rateError: 0.05,
    });
    const to = `127.0.0.1:${receiver.port}`;
    const journalFolder = join(folder, 'journal');
    const outcome = await migrateGroup(domains, { to, linkBytesPerSecond: link, journalFolder }).result;
    if (outcome.outcome !== 'committed') throw new Error(`seed ${seed}, group ${group}: ${outcome.reason}`);
    const { figures } = predictions[0];
    const cell = (real, spread) => `${(100 * (spread.median / real - 1)).toFixed(1)} %`;
    const judge = (figure, real, spread) => {
      off[figure].push(Math.abs(spread.median / real - 1));
      if (real >= spread.low && real <= spread.high) inside[figure]++;
    };
    judge('completion', outcome.completionMs, figures.completionMs);
    judge('traffic', outcome.trafficBytes, figures.trafficBytes);
    if (outcome.downtimeMs >= 50) judge('downtime', outcome.downtimeMs, figures.downtimeMs);
    console.log(
      `${group}: ${kinds.join(' ')} at ${(link * 8) / 1e6} Mbit/s: ` +
        `completion ${(outcome.completionMs / 1000).toFixed(2)} s (plan ${cell(outcome.completionMs, figures.completionMs)}), ` +
        `traffic ${(outcome.trafficBytes / MiB).toFixed(1)} MiB (${cell(outcome.trafficBytes, figures.trafficBytes)}), ` +
        `downtime ${outcome.downtimeMs.toFixed(0)} ms (${cell(outcome.downtimeMs, figures.downtimeMs)}, ` +
        `${figures.downtimeMs.low.toFixed(0)} to ${figures.downtimeMs.high.toFixed(0)})`,
    );
  } finally {
    await receiver.close();
    for (const { name } of domains) {
      for (const registry of [here, there]) {
        try {
          const left = openDomain(`process:${name}`, { registry });
          await left.destroy();
          await left.close();
        } catch {
          // It is on the other side.
        }
      }
    }
    for (const domain of domains) await domain.close();
  }
}
rmSync(folder, { recursive: true, force: true });

const bars = { completion: 0.1, traffic: 0.1, downtime: 0.4 };
let failed = false;
for (const [figure, errors] of Object.entries(off)) {
  if (errors.length === 0) continue;
  const sorted = errors.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)];
  const within = errors.filter((error) => error <= bars[figure]).length;
  if (within < errors.length) failed = true;
  console.log(
    `${figure}: off by ${(100 * at(0.5)).toFixed(1)} % at the median, ${(100 * at(0.9)).toFixed(1)} % at the 90th percentile, ` +
      `${(100 * sorted.at(-1)).toFixed(1)} % at most; ${within} of ${errors.length} within ${100 * bars[figure]} %; ` +
      `${inside[figure]} within the plan's range`,
  );
}
process.exitCode = failed ? 1 : 0;
