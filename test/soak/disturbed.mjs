// Disturbs migrations of process domains at random moments, with the built package, and compares all that was printed with
// the truth:
//   node test/soak/disturbed.mjs [migrations] [seed]
// Each migration is the command's, to a receiver in a process of its own. What disturbs it: signals to the command, the
// receiver or a guest, once or twice; kill -9 of the command or the receiver; outputs that are full, closed or never read.
// Afterwards `vmbuddies recover` is run where something was left, and every command that it prints. Exits with 1, and with
// the seed of the migration, unless each guest is there exactly once, under its own name and undamaged, nothing is left on
// record, and every statement about a place was true. `node test/soak/disturbed.mjs 1 SEED` makes that migration again, as
// far as the moments of a busy machine allow.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../dist/random.js';

const program = fileURLToPath(new URL('../../dist/bundle/vmbuddies.js', import.meta.url));
const migrations = Number(process.argv[2] ?? process.env.SOAK_MIGRATIONS ?? 300);
const firstSeed = Number(process.argv[3] ?? process.env.SOAK_SEED ?? 1);
/** The longest that a command may take to end by itself. */
const patienceMs = 120_000;

async function disturbedMigration(seed) {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1));
  const pick = (choices) => choices[Math.floor(random() * choices.length)];
  const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-soak-'));
  const site = new Site(folder);
  const plan = {
    names: ['web', 'app', 'db'].slice(0, 1 + Math.floor(3 * random())),
    megabits: Math.round(60 * 4 ** random()),
    json: random() < 0.5,
    output: pick(['read', 'read', 'read', 'full', 'closed', 'never read']),
    receiverOutput: pick(['read', 'read', 'full', 'closed', 'never read']),
    disturbance: pick([
      'none',
      'command: SIGINT',
      'command: SIGTERM',
      'command: SIGHUP',
      'command: SIGINT twice',
      'command: SIGSTOP for a while',
      'receiver: SIGSTOP for a while',
      'guest: SIGSTOP for a while',
      'command: SIGKILL',
      'command: SIGKILL',
      'command: SIGKILL',
      'receiver: SIGKILL',
      'both: SIGKILL',
    ]),
    /** When, as a share of what it would take undisturbed; the end matters most. */
    at: random() < 0.5 ? random() : 0.85 + 0.2 * random(),
    whileMs: 200 + 2500 * random(),
  };
  const faults = [];
  const said = [];
  try {
    const workload = ['--memory', '16MiB', '--used', '12MiB', '--wws', '4MiB', '--hot', '1MiB'];
    const rates = ['--hot-writes', '1000/s', '--cold-writes', '500/s'];
    site.must(['start', ...workload, ...rates, ...plan.names]);
    let receiver = await site.receive(plan.receiverOutput);
    // 12 MiB each, and about half as much again for what is dirtied meanwhile; two seconds of measuring before that.
    const expectedMs = 2300 + (plan.names.length * 18 * 8 * 1.05e6 * 1000) / (plan.megabits * 1e6);
    const args = ['migrate', ...plan.names, '--to', receiver.address, '--link', `${plan.megabits}Mbit/s`];
    const command = site.spawn([...args, ...(plan.json ? ['--json'] : [])], plan.output);
    const guests = site.truth().map(({ pid }) => pid);
    await Promise.race([sleep(plan.at * expectedMs), command.ended]);
    await disturb(plan, { command, receiver, guest: pick(guests) });
    const ending = await ended(command, faults);
    said.push(...command.said());
    const places = site.truth();
    if (ending !== 'SIGKILL') judge({ plan, command, places, faults, ending });
    if (receiver.child.exitCode !== null || receiver.child.signalCode !== null)
      receiver = await site.receive('read', receiver.port);
    await recover({ site, said, faults });
    const final = site.truth();
    for (const name of plan.names) {
      const copies = final.filter((guest) => guest.name === name || guest.name.startsWith(`${name}--`));
      const fine = copies.length === 1 && copies[0].name === name && copies[0].state === 'running';
      if (!fine)
        faults.push(
          `${name} at the end: ${JSON.stringify(copies.map(({ name, state, at }) => ({ name, state, at })))}`,
        );
      if (copies.some(({ corruptPages }) => corruptPages > 0)) faults.push(`${name} has lost pages`);
    }
    const left = existsSync(site.state)
      ? readdirSync(site.state).filter((file) => /\.(jsonl|balloon\.json)$/.test(file))
      : [];
    if (left.length > 0) faults.push(`left on record: ${left.join(', ')}`);
    const at = [...new Set(final.map((guest) => guest.at))].join(' and ');
    const line = `${plan.names.length} at ${plan.megabits} Mbit/s, output ${plan.output}, ${plan.disturbance} at ${plan.at.toFixed(2)}: exit ${ending}, at ${at}`;
    return { disturbance: plan.disturbance, end: `exit ${ending}, at ${at}`, line, faults, said: said.join('\n') };
  } catch (error) {
    return {
      disturbance: plan.disturbance,
      end: 'failed',
      line: JSON.stringify(plan),
      faults: [error.stack],
      said: said.join('\n'),
    };
  } finally {
    site.close();
  }
}

async function disturb({ disturbance, whileMs }, { command, receiver, guest }) {
  const [whom, what] = disturbance.split(': ');
  const kill = (pid, signal) => {
    try {
      process.kill(pid, signal);
    } catch {} // it has ended
  };
  const pids = { command: [command.child.pid], receiver: [receiver.child.pid], guest: [guest] }[whom] ?? [
    command.child.pid,
    receiver.child.pid,
  ];
  if (disturbance === 'none') return;
  const [signal] = what.split(' ');
  for (const pid of pids) kill(pid, signal);
  if (what.endsWith('twice')) {
    await sleep(whileMs / 20);
    kill(pids[0], signal);
  }
  if (signal === 'SIGSTOP') {
    await sleep(whileMs);
    kill(pids[0], 'SIGCONT');
  }
  if (pids.length > 1) await Promise.race([receiver.ended, sleep(5000)]);
}

/** The exit code, or the signal that ended it. */
async function ended(command, faults) {
  const ending = await Promise.race([command.ended, sleep(patienceMs)]);
  if (ending !== undefined) return ending;
  faults.push('the command has not ended');
  command.child.kill('SIGKILL');
  return command.ended;
}

/** Holds what the command has said, and its exit code, against where the guests are. */
function judge({ plan, command, places, faults, ending }) {
  const at = (name) => {
    const running = places.filter((guest) => guest.name === name && guest.state === 'running');
    if (running.length > 1) faults.push(`${name} runs twice`);
    return running[0]?.at ?? 'nowhere';
  };
  const all = (place) => plan.names.every((name) => at(name) === place);
  if (ending === 0 && !all('destination')) faults.push(`exit 0, and not all run at the destination`);
  if ([1, 2, 3, 5, 129, 130, 143].includes(ending) && !all('source'))
    faults.push(`exit ${ending}, and not all run at the source`);
  if (![0, 1, 2, 3, 4, 5, 6, 129, 130, 143].includes(ending)) faults.push(`exit ${ending}`);
  for (const [name, place] of command.claims(plan)) {
    if (place !== 'unknown' && at(name) !== place) faults.push(`said ${name}: ${place}, and it is at ${at(name)}`);
  }
}

/** Runs `recover`, and what it prints to be typed, until nothing is left to be said. */
async function recover({ site, said, faults }) {
  for (let turn = 0; turn < 4; turn++) {
    const { status, stdout, stderr } = site.run(['recover']);
    said.push(`$ vmbuddies recover\n${stdout}${stderr}`);
    const commands = [...`${stdout}${stderr}`.matchAll(/^\s+(vmbuddies [^\n]+)$/gm)].map(([, line]) => line.trim());
    if (status === 0 && commands.length === 0) return;
    for (const line of commands) {
      const shell = line.replace(/^vmbuddies/, `${process.execPath} ${program}`);
      const run = spawnSync('bash', ['-c', shell], { cwd: '/', env: site.env, encoding: 'utf8', timeout: patienceMs });
      said.push(`$ ${line}\n${run.stdout}${run.stderr}`);
      if (run.status === 2) faults.push(`a printed command was refused: ${line}`);
    }
  }
  faults.push('recover has not come to an end');
}

/** Two hosts on this machine, each a registry of its own. */
class Site {
  constructor(folder) {
    this.folder = folder;
    this.here = join(folder, 'here');
    this.there = join(folder, 'there');
    this.state = join(folder, 'state');
    this.env = { ...process.env, VMBUDDIES_REGISTRY: this.here, VMBUDDIES_STATE: this.state, TMPDIR: folder };
    this.children = [];
    this.outputs = 0;
  }

  run(args) {
    const options = { env: this.env, encoding: 'utf8', timeout: patienceMs, cwd: '/' };
    return spawnSync(process.execPath, [program, ...args], options);
  }

  must(args) {
    const { status, stderr, stdout } = this.run(args);
    if (status !== 0) throw new Error(`vmbuddies ${args.join(' ')}: exit ${status}: ${stderr}`);
    return stdout;
  }

  /** Every guest in either registry, each with the place that it is in. */
  truth() {
    return [
      [this.here, 'source'],
      [this.there, 'destination'],
    ].flatMap(([registry, at]) =>
      JSON.parse(this.must(['list', '--json', '--registry', registry])).domains.map((guest) => ({ ...guest, at })),
    );
  }

  spawn(args, output) {
    const { fds, said, close } = this.#output(output);
    const child = spawn(process.execPath, [program, ...args], { env: this.env, stdio: ['ignore', ...fds], cwd: '/' });
    for (const fd of fds) closeSync(fd);
    const done = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
    done.then(close);
    this.children.push(child);
    return {
      child,
      ended: done,
      said,
      claims: (plan) => claims(said(), plan),
    };
  }

  async receive(output, port = 0) {
    // Where it listens must be known, also where its output is lost.
    const wanted = port || 20_000 + Math.floor(40_000 * Math.random());
    const listen = `127.0.0.1:${wanted}`;
    const { child, ended, said } = this.spawn(['receive', '--registry', this.there, '--listen', listen], output);
    for (let waited = 0; !isListening(wanted); waited += 20) {
      if (child.exitCode !== null) throw new Error(`the receiver has ended: ${said().join('')}`);
      if (waited > 20_000) throw new Error('the receiver does not listen');
      await sleep(20);
    }
    return { child, ended, address: listen, port: wanted };
  }

  /** Where a command's two outputs go. */
  #output(kind) {
    const path = join(this.folder, `output-${this.outputs++}`);
    if (kind === 'read') {
      const fds = ['out', 'err'].map((end) => openSync(`${path}.${end}`, 'w'));
      return { fds, said: () => ['out', 'err'].map((end) => readFileSync(`${path}.${end}`, 'utf8')), close() {} };
    }
    const said = () => [];
    if (kind === 'full') return { fds: [openSync('/dev/full', 'w'), openSync('/dev/full', 'w')], said, close() {} };
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const fds = [openSync(path, 'w'), openSync(path, 'w')];
    if (kind === 'closed') {
      closeSync(reader);
      return { fds, said, close() {} };
    }
    const filler = Buffer.alloc(4096);
    try {
      for (;;) writeSync(reader, filler);
    } catch {} // it is full: whoever writes now waits for a reader that never reads
    return { fds, said, close: () => closeSync(reader) };
  }

  close() {
    for (const child of this.children) child.kill('SIGKILL');
    for (const { pid } of this.truth()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {} // it has ended
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What was said of each domain's place, in JSON, in the table and in words. */
function claims([stdout = '', stderr = ''], { names, json }) {
  const found = [];
  if (json && stdout.trim().startsWith('{')) {
    for (const { name, where } of JSON.parse(stdout).domains ?? []) found.push([name, where]);
  }
  for (const [, name, where] of stdout.matchAll(/^(\w+) +(source|destination|ended|unknown) /gm))
    found.push([name, where]);
  const named = (list) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(list));
  for (const [, list] of stderr.matchAll(/^(.+?) runs? on (?:here )?at the source/gm)) {
    for (const name of named(list.split('. ').at(-1))) found.push([name, 'source']);
  }
  for (const [, list] of stderr.matchAll(/^(.+?) runs? at (?:127\.|the destination)/gm)) {
    const subject = list.split('. ').at(-1);
    for (const name of subject === 'Every domain' ? names : named(subject)) found.push([name, 'destination']);
  }
  return found;
}

function isListening(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8').includes(`0100007F:${hex} 00000000:0000 0A`);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function indent(text) {
  return text.replace(/^/gm, '    | ');
}

const tally = new Map();
const faults = [];
for (let index = 0; index < migrations; index++) {
  const seed = firstSeed + index;
  const story = await disturbedMigration(seed);
  const key = `${story.disturbance}: ${story.end}`;
  tally.set(key, (tally.get(key) ?? 0) + 1);
  if (story.faults.length > 0) {
    faults.push(seed);
    console.log(`seed ${seed}: ${story.line}\n  ${story.faults.join('\n  ')}\n${indent(story.said)}`);
  } else if (process.env.SOAK_VERBOSE) console.log(`seed ${seed}: ${story.line}`);
}
for (const [key, count] of [...tally].sort()) console.log(`${String(count).padStart(4)} × ${key}`);
console.log(`${migrations - faults.length} passed, ${faults.length} failed`);
if (faults.length > 0) console.log(`seeds: ${faults.join(' ')}`);
process.exitCode = faults.length === 0 ? 0 : 1;
