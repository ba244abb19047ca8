// Runs in a dom0: moves one domain at a rate, changes the rate midway in round 0, and watches the wire. Takes one JSON
// object: { domain, to, bytesPerSecond, nextBytesPerSecond, changeAfterBytes }. Prints the bytes that left in each whole
// second of round 0, with the rate in force; the second in which the rate changed is left out. `lateMs` is how far the looks
// at the wire were from coming on time in that second: what this host's CPU was away for.
//
// The wire's own counter counts TCP's and Ethernet's headers too: what it shows is scaled by the stream's bytes to the
// counter's over all the migration.
import { readFileSync } from 'node:fs';
import { migrate, openDomain } from '/lab/vmbuddies/dist/bundle/index.js';

const { domain, to, bytesPerSecond, nextBytesPerSecond, changeAfterBytes } = JSON.parse(process.argv[2]);
const counter = () => Number(readFileSync('/sys/class/net/eth1/statistics/tx_bytes', 'utf8'));
const opened = openDomain(domain);
const run = migrate(opened, { to, ssh: 'lab-rsh', bytesPerSecond });

const lookMs = 10;
const samples = [];
let changedAt = null;
let round0 = true;
const first = counter();
const sampler = setInterval(() => {
  if (!round0 || run.status().sentBytes === 0) return;
  samples.push({ at: performance.now() / 1000, bytes: counter() });
  if (changedAt === null && run.status().sentBytes >= changeAfterBytes) {
    changedAt = performance.now() / 1000;
    run.setRate(nextBytesPerSecond);
  }
}, lookMs);
for await (const { round } of run) if (round === 0) round0 = false;
clearInterval(sampler);
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

/** The longest time between two looks that falls into [from, to], beyond what it should be. */
function lateMs(from, to) {
  const gaps = samples.slice(1).map(({ at }, i) => ({ from: samples[i].at, to: at }));
  const inside = gaps.filter((gap) => gap.to > from && gap.from < to);
  return Math.max(...inside.map((gap) => (gap.to - gap.from) * 1000)) - lookMs;
}

const seconds = [];
const from = samples[0].at + 1;
// The round had ended when its end was heard of: the log's collection, when nothing is sent, is not part of it.
const end = samples.at(-1).at - 0.25;
for (let start = from; start + 1 < end; start++) {
  if (start < changedAt + 1 && start + 1 > changedAt) continue;
  const rate = start < changedAt ? bytesPerSecond : nextBytesPerSecond;
  const bytes = (bytesAt(start + 1) - bytesAt(start)) * scale;
  seconds.push({ bytes, bytesPerSecond: rate, lateMs: lateMs(start, start + 1) });
}
console.log(JSON.stringify({ seconds }));
