// Compares the rules that end pre-copy on the same random guests, each alone on its link, with the built package:
//   node test/soak/stop-rules.mjs [guests per load] [seed]
// Beside the rules of native/core/stop_rule.h there are two candidates, written down here: the windowed local minimum, as
// KubeVirt has it, and the marginal rule. Ratios are to `xen-legacy`.
import { seededRandom } from '../../dist/random.js';
import { Guest } from '../../dist/simulate/guest.js';
import { GuestMemory } from '../../dist/simulate/guest-memory.js';
import { SharedLink } from '../../dist/simulate/shared-link.js';
import { SimEngine } from '../../dist/simulate/sim-engine.js';
import { namedStopRule as named } from '../../dist/simulate/stop-rule.js';
import { VirtualClock } from '../../dist/simulate/virtual-clock.js';
import { noisyLevel, workloadLevel } from '../../dist/simulate/workload-level.js';
import { simulatedGroup } from './simulated-groups.mjs';

const guests = Number(process.argv[2] ?? process.env.SOAK_GUESTS ?? 1000);
const seed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? 1);
const loads = [0.3, 0.6, 0.9, 1.2];
/** Seconds of completion that a second of pause is worth: what the catching up before the barrier goes by (settle.ts). */
const pauseWeight = 1 / 0.08;

const fewPages = 50;
const stop = { rule: 'candidate', limit: 'candidate', message: '' };
const candidate = (evaluate) => ({ ...named('xen-legacy', null), evaluate });
/** Each makes a fresh one for each migration. */
const rules = {
  'xen-legacy': () => named('xen-legacy', null),
  'xen-modern': () => named('xen-modern', null),
  converged: () => named('converged', null),
  downtime: () => named('downtime', null),
  'local-minimum': () => candidate(localMinimum()),
  marginal: () => candidate(marginal),
};

console.log(`${guests} guests at each load, seed ${seed}; ratios to xen-legacy: geometric mean, worst`);
console.log('| load | rule | rounds | completion | traffic | pause | completion + 12.5 pauses |');
console.log('|---|---|---|---|---|---|---|');
for (const load of loads) {
  const random = seededRandom(seed);
  const found = Object.fromEntries(Object.keys(rules).map((name) => [name, []]));
  for (let index = 0; index < guests; index++) {
    const group = simulatedGroup(random, load);
    const [domain] = group.domains;
    // Of the group's link it gets what its memory's share of the group's is.
    const memoryBytes = group.domains.reduce((sum, other) => sum + other.memoryBytes, 0);
    const bytesPerSecond = (group.linkBytesPerSecond * domain.memoryBytes) / memoryBytes;
    for (const [name, rule] of Object.entries(rules)) {
      found[name].push(await migrate(domain, { ...group, bytesPerSecond, rule: rule() }));
    }
  }
  for (const [name, outcomes] of Object.entries(found)) {
    const ratios = (measure) => outcomes.map((outcome, at) => outcome[measure] / found['xen-legacy'][at][measure]);
    const cells = ['completion', 'traffic', 'pause', 'cost'].map((measure) => summary(ratios(measure)));
    const rounds = outcomes.reduce((sum, outcome) => sum + outcome.rounds, 0) / guests;
    console.log(`| ${load} | ${name} | ${rounds.toFixed(1)} | ${cells.join(' | ')} |`);
  }
}

async function migrate({ name, memoryBytes, noise, workload }, { seed, startAtMs, bytesPerSecond, rule }) {
  const clock = new VirtualClock();
  const level = noisyLevel(workloadLevel(workload), noise, seed);
  const memory = new GuestMemory({ memoryBytes, workload, level, zeroBytes: 0, workedSeconds: startAtMs / 1000 });
  const engine = new SimEngine({
    clock,
    link: new SharedLink(bytesPerSecond),
    guest: new Guest(name, memory, clock, () => {}),
    packed: true,
    stopRule: rule,
    misbehaviour: new Set(),
    messageSeconds: () => 0,
    onNews: () => {},
  });
  const moved = engine.run((event) => {
    if (event.state === 'waiting') engine.stopAndCopy();
    if (event.state === 'prepared') engine.commit();
  });
  engine.begin(bytesPerSecond);
  const { totalSeconds: completion, downtimeSeconds: pause, sentBytes: traffic, rounds } = await clock.run(moved);
  return { completion, pause, traffic, rounds: rounds.length, cost: completion + pauseWeight * pause };
}

/**
 * Stalled once what is left is no 4 % less than the least of 40 s ago or more; from then on a round ends pre-copy that
 * comes within 4 % of the least seen. If none does for as long as patience lasts, the next best counts, and patience
 * halves. Three times the memory is the most it sends, as with xen-legacy.
 */
function localMinimum() {
  const windowSeconds = 40;
  const nearness = 0.04;
  const seen = [];
  let now = 0;
  let sentPages = 0;
  let windowBegins = 0;
  let leastBefore = Number.POSITIVE_INFINITY;
  let stalledAt = null;
  return (rounds) => {
    const { seconds, dirtiedPages, sentPages: sent } = rounds.at(-1);
    now += seconds;
    sentPages += sent;
    seen.push({ at: now, left: dirtiedPages });
    if (dirtiedPages < fewPages || sentPages >= 3 * rounds[0].sentPages) return stop;
    for (; seen[windowBegins].at <= now - windowSeconds; windowBegins++) {
      leastBefore = Math.min(leastBefore, seen[windowBegins].left);
    }
    if (stalledAt === null && dirtiedPages >= (1 - nearness) * leastBefore) stalledAt = now;
    if (stalledAt === null) return null;
    let rank = 0;
    let patience = windowSeconds;
    for (let waited = now - stalledAt; waited > patience && patience > 1; rank++) {
      waited -= patience;
      patience /= 2;
    }
    const levels = seen.map(({ left }) => left).sort((one, other) => one - other);
    return dirtiedPages <= (1 + nearness) * levels[Math.min(rank, levels.length - 1)] ? stop : null;
  };
}

/** Ends pre-copy when the next round, shrinking what is left as the last one did, saves less pause than it is worth. */
function marginal(rounds) {
  const last = rounds.at(-1);
  if (last.dirtiedPages < fewPages || rounds.length === 30) return stop;
  if (rounds.length < 3) return null;
  return 1 - last.dirtiedPages / rounds.at(-2).dirtiedPages < 1 / pauseWeight ? stop : null;
}

function summary(ratios) {
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  return `${mean.toFixed(2)}, ${Math.max(...ratios).toFixed(2)}`;
}
