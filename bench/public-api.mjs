// What a program that uses the package sees: the downtime of migrate(), with the arbitration and the recorded decision
// that the engine by itself, in the part `downtime`, knows nothing of.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDomain, openReceiver, startDomain } from '../dist/bundle/index.js';

const GiB = 2 ** 30;
const runs = 10;
const workload = { kind: 'steady', wwsBytes: 64 * 2 ** 20, hotBytes: 0, coldWritesPerSecond: 20_000 };
const downtimeGoalMs = 5;
const downtimeFenceMs = 100;

/** @returns {Promise<import('./report.mjs').Row[]>} */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-bench-'));
  const registries = [join(folder, 'a'), join(folder, 'b')];
  try {
    const domain = await startDomain({ name: 'guest', memoryBytes: GiB, workload, registry: registries[0] });
    await domain.close();
    const downtimesMs = [];
    for (let count = 0; count < runs; count++) {
      const [from, to] = count % 2 === 0 ? registries : registries.toReversed();
      downtimesMs.push(await move(from, to, join(folder, 'journal')));
    }
    const last = openDomain('guest', { registry: registries[runs % 2] });
    await last.destroy();
    await last.close();
    const downtimeMs = median(downtimesMs);
    return [
      {
        name: 'downtime of migrate(), 1 GiB, 20 000 writes/s, p50',
        unit: 'ms',
        ours: downtimeMs,
        goal: `<= ${downtimeGoalMs} ms`,
        met: downtimeMs <= downtimeGoalMs,
        fence: downtimeFenceMs,
        failed: downtimeMs > downtimeFenceMs,
      },
      { name: 'the same, longest', unit: 'ms', ours: Math.max(...downtimesMs) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Moves the guest and returns its downtime. */
async function move(from, to, journalFolder) {
  const receiver = openReceiver({ registry: to, maxMemoryBytes: GiB });
  const domain = openDomain('guest', { registry: from });
  try {
    const { outcome, reason, downtimeMs } = await migrate(domain, { to: receiver.address, journalFolder }).result;
    if (outcome !== 'committed') throw new Error(`the guest was not moved: ${reason}`);
    return downtimeMs;
  } finally {
    await domain.close();
    await receiver.close();
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
