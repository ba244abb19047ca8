// The downtime budget against receivers that stall, as the guests themselves measure it.
//
//     node test/soak/budget.mjs [ROUNDS] [SEED]
//
// Two guests at a time, a budget of 300 ms, and a receiver (a process of its own, behind a relay) that stops by SIGSTOP, or
// takes nothing, or does not answer, at a random moment of the stop. Prints how long each guest stood still by its own
// record, and fails if any stood still for more than 400 ms, or does not run at its source.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateGroup, startDomain } from '../../dist/index.js';

const [rounds = 20, seed = 1] = process.argv.slice(2).map(Number);
const budgetMs = 300;
const toleranceMs = 100;
const MiB = 2 ** 20;
const program = fileURLToPath(new URL('../../dist/bundle/vmbuddies.js', import.meta.url));

let state = seed >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-budget-'));
const here = join(folder, 'here');
const there = join(folder, 'there');
const env = { ...process.env, VMBUDDIES_STATE: join(folder, 'state') };
const receiver = spawn(process.execPath, [program, 'receive', '--registry', there], { env });
const port = await new Promise((resolve, reject) => {
  receiver.stdout.on('data', (text) => resolve(Number(/:(\d+)/.exec(String(text))?.[1])));
  receiver.once('exit', () => reject(new Error('the receiver has ended')));
});

/** Passes everything on until it is told not to. */
async function openRelay() {
  const sockets = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.push({ near, far });
    near.on('error', () => {});
    far.on('error', () => {});
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${server.address().port}`,
    takeNothing() {
      for (const { near } of sockets) near.unpipe().pause();
    },
    answerNothing() {
      for (const { far } of sockets) far.unpipe().pause();
    },
    close() {
      for (const { near, far } of sockets) {
        near.destroy();
        far.destroy();
      }
      server.close();
    },
  };
}

const workload = {
  kind: 'steady',
  wwsBytes: 4 * MiB,
  hotBytes: MiB,
  hotWritesPerSecond: 2000,
  coldWritesPerSecond: 500,
};
const gaps = [];
const ends = {};
let failed = false;
for (let round = 0; round < rounds; round++) {
  const relay = await openRelay();
  const domains = [];
  for (const name of ['web', 'db']) {
    domains.push(
      await startDomain({ name, memoryBytes: 16 * MiB, registry: here, workload: { ...workload, seed: round + 1 } }),
    );
  }
  const stalls = [() => relay.takeNothing(), () => relay.answerNothing(), () => receiver.kill('SIGSTOP')];
  const stall = Math.floor(random() * stalls.length);
  // From the decision to stop on, or when the first or the second is suspended, or when the first is prepared.
  const when = ['decision', 'stopping', 'second stopping', 'prepared'][Math.floor(random() * 4)];
  const run = migrateGroup(domains, {
    to: relay.address,
    linkBytesPerSecond: 40 * MiB,
    strategy: 'equal',
    maxDowntimeMs: budgetMs,
    journalFolder: join(folder, 'journals'),
  });
  let stopping = 0;
  let stalled = false;
  for await (const event of run) {
    if (event.type === 'state' && event.state === 'stopping') stopping++;
    const due =
      (when === 'decision' && event.type === 'decision' && event.decision === 'STOP') ||
      (when === 'stopping' && stopping === 1) ||
      (when === 'second stopping' && stopping === 2) ||
      (when === 'prepared' && event.type === 'state' && event.state === 'prepared');
    if (!due || stalled) continue;
    stalled = true;
    stalls[stall]();
    if (stall === 2) setTimeout(() => receiver.kill('SIGCONT'), 5000);
  }
  const outcome = await run.result;
  receiver.kill('SIGCONT');
  relay.close();
  const key = `${['takes nothing', 'answers nothing', 'SIGSTOP'][stall]} from ${when}: ${outcome.outcome}`;
  ends[key] = (ends[key] ?? 0) + 1;
  for (const domain of domains) {
    const { where } = outcome.domains.find(({ name }) => name === domain.name);
    const { longestGapMs, state } = domain.info();
    // What was told to start before the receiver stalled is its destination's, and no budget can bring it back.
    if (outcome.outcome === 'aborted') {
      gaps.push(longestGapMs);
      if (where !== 'source' || state !== 'running' || longestGapMs > budgetMs + toleranceMs) {
        failed = true;
        console.log(
          `round ${round} (seed ${seed}), ${key}: ${domain.name} at ${where}, ${state}, ${longestGapMs.toFixed(1)} ms`,
        );
      }
    } else if (outcome.outcome !== 'committed' && outcome.outcome !== 'unknown' && outcome.outcome !== 'partial') {
      failed = true;
      console.log(`round ${round} (seed ${seed}), ${key}: ${outcome.reason}`);
    }
    await domain.destroy({ force: true }).catch(() => {});
    await domain.close();
  }
  for (const name of ['web', 'db']) {
    spawn(process.execPath, [program, 'destroy', name, '--registry', there], { stdio: 'ignore', env });
  }
  await new Promise((resolve) => setTimeout(resolve, 2500));
}
receiver.kill('SIGINT');
gaps.sort((a, b) => a - b);
const quantile = (share) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))]?.toFixed(1) ?? '-';
console.log(`guests that were brought home: ${gaps.length}, standing still by their own record`);
console.log(
  `  min ${quantile(0)}  median ${quantile(0.5)}  90 % ${quantile(0.9)}  99 % ${quantile(0.99)}  max ${quantile(1)} ms`,
);
console.log(`  budget ${budgetMs} ms, tolerance ${toleranceMs} ms`);
for (const [key, count] of Object.entries(ends).sort()) console.log(`  ${String(count).padStart(3)} × ${key}`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
