// Runs in a dom0: moves one domain at a rate, changes the rate midway in round 0, and watches the wire. Takes one JSON
// object: { domain, to, bytesPerSecond, nextBytesPerSecond, changeAfterBytes }. Prints the bytes that left in each whole
// second of round 0, with the rate in force; the second in which the rate changed is left out. Beside them, how long this
// dom0 stood still in that second: a thread that does nothing but sleep for 2 ms at a time notes when it comes back later
// than a pacer makes good for (native/core/pacer.h). An emulated CPU is at the mercy of whatever else its host runs.
//
// The wire's own counter counts TCP's and Ethernet's headers too: what it shows is scaled by the stream's bytes to the
// counter's over all the migration.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { migrate, openDomain } from '/lab/vmbuddies/dist/bundle/index.js';

const { domain, to, bytesPerSecond, nextBytesPerSecond, changeAfterBytes } = JSON.parse(process.argv[2]);
const counter = () => Number(readFileSync('/sys/class/net/eth1/statistics/tx_bytes', 'utf8'));
const opened = openDomain(domain);
const run = migrate(opened, { to, ssh: 'lab-rsh', bytesPerSecond });

const creditSeconds = 0.02;
const sleeper = new Worker(
  `const { parentPort } = require('node:worker_threads');
   const sleep = new Int32Array(new SharedArrayBuffer(4));
   const now = () => (performance.timeOrigin + performance.now()) / 1000;
   for (let last = now(); ; ) {
     Atomics.wait(sleep, 0, 0, 2);
     const at = now();
     if (at - last > ${creditSeconds}) parentPort.postMessage({ at, seconds: at - last });
     last = at;
   }`,
  { eval: true },
);
const stalls = [];
sleeper.on('message', (stall) => stalls.push(stall));

const samples = [];
let changedAt = null;
let round0 = true;
const first = counter();
const sampler = setInterval(() => {
  if (!round0 || (run.progress()?.sentBytes ?? 0) === 0) return;
  samples.push({ at: performance.now() / 1000, bytes: counter() });
  if (changedAt === null && run.progress().sentBytes >= changeAfterBytes) {
    changedAt = performance.now() / 1000;
    run.setRate(nextBytesPerSecond);
  }
}, 20);
for await (const { round } of run) if (round === 0) round0 = false;
clearInterval(sampler);
await sleeper.terminate();
const outcome = await run.result;
await opened.close();
if (outcome.outcome !== 'committed') throw new Error(`not committed: ${outcome.reason}`);
const scale = outcome.trafficBytes / (counter() - first);

/** Bytes on the wire up to a time, between the two samples around it. */
function bytesAt(time) {
  const next = samples.findIndex(({ at }) => at >= time);
  const [a, b] = [samples[next - 1], samples[next]];
  return a.bytes + ((b.bytes - a.bytes) * (time - a.at)) / (b.at - a.at);
}

/** How long the dom0 stood still between two times, beyond what a pacer makes good for. */
function stalledBetween(from, to) {
  const origin = performance.timeOrigin / 1000;
  return stalls
    .filter(({ at }) => at - origin > from && at - origin <= to)
    .reduce((sum, { seconds }) => sum + seconds - creditSeconds, 0);
}

const seconds = [];
const from = samples[0].at + 1;
const end = samples.at(-1).at;
for (let start = from; start + 1 < end; start++) {
  if (start < changedAt + 1 && start + 1 > changedAt) continue;
  const rate = start < changedAt ? bytesPerSecond : nextBytesPerSecond;
  const stalled = stalledBetween(start, start + 1);
  seconds.push({ bytes: (bytesAt(start + 1) - bytesAt(start)) * scale, bytesPerSecond: rate, stalled });
}
console.log(JSON.stringify({ seconds }));
