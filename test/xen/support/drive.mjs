// Runs in a dom0: moves domains through the library and does something to them at a chosen moment. Takes one JSON object:
//   domains   references
//   options   of migrateGroup()
//   at        [{ type, domain?, state?, decision?, round?, run | abort | die }]: when such an event comes, once,
//             a shell command is run, the group is aborted, or this very process is killed
// Prints one JSON object: the outcome, and every event with its time in ms.
import { spawnSync } from 'node:child_process';
import { migrateGroup, openDomain } from '/lab/vmbuddies/dist/bundle/index.js';

const { domains, options, at = [] } = JSON.parse(process.argv[2]);
const opened = domains.map((reference) => openDomain(reference));
const run = migrateGroup(opened, options);
const events = [];

function matches(event, { type, domain, state, decision, round }) {
  return (
    event.type === type &&
    (domain === undefined || event.domain === domain) &&
    (state === undefined || event.state === state) &&
    (decision === undefined || event.decision === decision) &&
    (round === undefined || event.round?.round === round)
  );
}

for await (const event of run) {
  events.push({ atMs: performance.now(), ...event });
  for (const each of at.filter((one) => !one.done && matches(event, one))) {
    each.done = true;
    if (each.die) process.kill(process.pid, 'SIGKILL');
    if (each.abort) run.abort(each.abort);
    // Nothing is decided while it runs: what it does falls into just this state.
    if (each.run) spawnSync('sh', ['-c', each.run], { stdio: 'ignore' });
  }
}
const outcome = await run.result;
for (const domain of opened) await domain.close();
console.log(JSON.stringify({ outcome, events }));
