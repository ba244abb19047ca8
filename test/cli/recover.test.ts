import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FrameRelay, frames } from '../support/frame-relay.ts';
import { eventually } from '../support/sites.ts';
import { type Ending, type Running, Sandbox } from './spawn-cli.ts';

const start = 'start --memory 16MiB --used 12MiB --wws 4MiB --hot 1MiB --hot-writes 1000/s --cold-writes 200/s';
const names = ['web', 'db'];
const { prepared, started } = frames;

/** A migration of two domains through a relay that holds it, and the receiver behind. */
interface Held {
  readonly sandbox: Sandbox;
  readonly relay: FrameRelay;
  readonly receiver: Running;
  readonly address: string;
  readonly migrating: Running;
  /** Kills the command as no signal handler can see, and waits until it is gone. */
  kill(): Promise<void>;
}

interface Circumstances {
  readonly link?: string;
  /** What sender and receiver are told besides. */
  readonly flags?: readonly string[];
}

async function underWay(
  sandbox: Sandbox,
  held: readonly number[],
  { link, flags = [] }: Circumstances = {},
): Promise<Held> {
  await sandbox.run(`${start} ${names.join(' ')}`);
  const receiver = sandbox.start(['receive', '--registry', sandbox.there, ...flags]);
  const address = await receiver.prints('stdout', /^127\.0\.0\.1:\d+$/m);
  return await departing(sandbox, { receiver, address }, held, { flags, ...(link !== undefined && { link }) });
}

/** Sends both, which run here, through a relay of its own. */
async function departing(
  sandbox: Sandbox,
  { receiver, address }: Pick<Held, 'receiver' | 'address'>,
  held: readonly number[],
  { link = '400Mbit/s', flags = [], env = {} }: Circumstances & { env?: Record<string, string> } = {},
): Promise<Held> {
  const relay = await FrameRelay.open(Number(address.split(':')[1]), names, held);
  const migrating = sandbox.start(['migrate', ...names, '--to', relay.address, '--link', link, ...flags], env);
  const kill = async () => {
    migrating.child.kill('SIGKILL');
    await migrating.ended;
  };
  return { sandbox, relay, receiver, address, migrating, kill };
}

/** The receiver is killed, and another takes its place. */
async function anotherReceiver({ sandbox, receiver, address }: Held): Promise<Running> {
  receiver.child.kill('SIGKILL');
  await receiver.ended;
  const another = sandbox.start(['receive', '--registry', sandbox.there, '--listen', address]);
  await another.prints('stdout', /^127/m);
  return another;
}

/** All sent, all suspended; the answers of the receiver are at the relay. */
async function bothPrepared({ receiver }: Held): Promise<void> {
  for (const name of names) await receiver.prints('stdout', new RegExp(`^${name}: prepared`, 'm'));
}

async function commitRecorded(held: Held): Promise<void> {
  await bothPrepared(held);
  for (const name of names) held.relay.of(name).holdForward();
  for (const name of names) held.relay.of(name).release(prepared);
  await held.migrating.prints('stderr', /^decision: COMMIT/m);
}

async function namesAt(sandbox: Sandbox, registry: string): Promise<string[]> {
  return (await sandbox.domains(registry)).map(({ name }) => name).toSorted();
}

/** Where each guest is, by looking. Fails unless each is there once, running, under its own name. */
async function truth(sandbox: Sandbox): Promise<Record<string, 'source' | 'destination'>> {
  await eventually(
    async () => !(await namesAt(sandbox, sandbox.there)).some((name) => name.endsWith('--incoming')),
    'the receiver has dropped what it was not told to start',
  );
  const [here, there] = [await sandbox.domains(sandbox.here), await sandbox.domains(sandbox.there)];
  expect([...here, ...there].map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual(
    names.map((name) => `${name} running`).toSorted(),
  );
  const at = (name: string) => (here.some((domain) => domain.name === name) ? 'source' : 'destination');
  return Object.fromEntries(names.map((name) => [name, at(name)]));
}

function records({ folder }: Sandbox): string[] {
  const state = join(folder, 'state');
  return existsSync(state) ? readdirSync(state).filter((name) => /\.(jsonl|balloon\.json)$/.test(name)) : [];
}

/** Types the line into a shell in another directory, where `vmbuddies` is the program under test. */
function type(sandbox: Sandbox, line: string): Promise<Ending> {
  const shim = join(sandbox.folder, 'vmbuddies');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${sandbox.program}' "$@"\n`);
  chmodSync(shim, 0o755);
  const env = { ...process.env, ...sandbox.env, PATH: `${sandbox.folder}:${process.env.PATH}` };
  return new Promise((resolve) => {
    const child = execFile('sh', ['-c', line], { cwd: '/', env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}

/** Whether what was printed of each guest is what is so. */
function expectTrue(printed: string, places: Record<string, string>, address: string): void {
  for (const [name, place] of Object.entries(places)) {
    const line = printed.split('\n').find((each) => each.trim().startsWith(`${name} `));
    expect(line).toMatch(
      place === 'source' ? /runs here|was suspended, and runs here/ : new RegExp(`runs at ${address}`),
    );
  }
}

describe('vmbuddies recover, after the command was killed', () => {
  const points: [string, readonly number[], (held: Held) => Promise<void>, Record<string, string>][] = [
    [
      'before STOP',
      [],
      async ({ migrating, kill }) => {
        await migrating.prints('stderr', /^rates: .*web/m);
        await kill();
      },
      { web: 'source', db: 'source' },
    ],
    [
      'with both suspended, and no PREPARED heard',
      [prepared],
      async (held) => {
        await bothPrepared(held);
        await held.kill();
      },
      { web: 'source', db: 'source' },
    ],
    [
      'between two PREPAREDs',
      [prepared],
      async (held) => {
        const { sandbox, relay } = held;
        await bothPrepared(held);
        relay.of('web').release(prepared);
        const stepsAside = async () => (await namesAt(sandbox, sandbox.here)).includes('web--migratedaway');
        await eventually(stepsAside, 'web steps aside');
        await held.kill();
      },
      { web: 'source', db: 'source' },
    ],
    [
      'with COMMIT recorded, and none sent',
      [prepared],
      async (held) => {
        await commitRecorded(held);
        await held.kill();
        for (const name of names) held.relay.of(name).dropForward();
      },
      { web: 'source', db: 'source' },
    ],
    [
      'with COMMIT sent, and one of two lost',
      [prepared, started],
      async (held) => {
        await commitRecorded(held);
        held.relay.of('web').letForward();
        await held.receiver.prints('stdout', /^web: started/m);
        await held.kill();
        held.relay.of('db').dropForward();
      },
      { web: 'destination', db: 'source' },
    ],
    [
      'with COMMIT sent, and no answer heard',
      [prepared, started],
      async (held) => {
        await commitRecorded(held);
        for (const name of names) held.relay.of(name).letForward();
        for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
        await held.kill();
      },
      { web: 'destination', db: 'destination' },
    ],
    [
      'with one source removed, and the other not',
      [prepared, started],
      async (held) => {
        const { sandbox, relay } = held;
        await commitRecorded(held);
        for (const name of names) relay.of(name).letForward();
        for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
        relay.of('web').release(started);
        const isGone = async () => !(await namesAt(sandbox, sandbox.here)).includes('web--migratedaway');
        await eventually(isGone, 'web has moved');
        await held.kill();
      },
      { web: 'destination', db: 'destination' },
    ],
  ];

  it.each(points)(
    '%s, leaves every guest once, running, under its own name, and no record',
    async (point, held, harm, places) => {
      await using sandbox = new Sandbox();
      const migration = await underWay(sandbox, held, point === 'before STOP' ? { link: '8Mbit/s' } : {});
      await using _ = migration.relay;
      await harm(migration);
      expect(records(sandbox)).not.toEqual([]);
      const diagnosis = JSON.parse((await sandbox.run('doctor --json')).stdout);
      const check = diagnosis.checks.find(({ subject }: { subject: string }) => subject === 'group web, db');
      expect(check.fix).toBe(`vmbuddies recover web db --registry ${sandbox.here}`);
      const { code, stdout } = await type(sandbox, check.fix);
      expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('the record is removed') });
      expect(await truth(sandbox)).toEqual(places);
      expectTrue(stdout, places, migration.relay.address);
      expect(records(sandbox)).toEqual([]);
      const guests = [...(await sandbox.domains(sandbox.here)), ...(await sandbox.domains(sandbox.there))];
      expect(guests.map(({ presentBytes }) => presentBytes)).toEqual([2 ** 24, 2 ** 24]);
      expect(await sandbox.run('recover')).toMatchObject({ code: 0, stderr: 'There is nothing to recover.\n' });
    },
  );

  it('says that a place is unknown while the receiver is gone, and the command it prints works once one listens again', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared, started]);
    await using _ = held.relay;
    await commitRecorded(held);
    held.relay.of('web').letForward();
    await held.receiver.prints('stdout', /^web: started/m);
    await held.kill();
    held.relay.of('db').dropForward();
    await held.receiver.prints('stdout', /^db: dropped/m);
    held.receiver.child.kill('SIGKILL');
    await held.receiver.ended;
    const lost = await sandbox.run('recover --json');
    expect(lost.code).toBe(6);
    const [group] = JSON.parse(lost.stdout).groups;
    expect(group).toMatchObject({ settled: false, next: `vmbuddies recover web db --registry ${sandbox.here}` });
    expect(group.domains.map(({ where, did }: { where: string; did: string[] }) => [where, did])).toEqual([
      ['unknown', []],
      ['unknown', []],
    ]);
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['db--migratedaway', 'web--migratedaway']);
    const again = sandbox.start(['receive', '--registry', sandbox.there, '--listen', held.address]);
    await again.prints('stdout', /^127/m);
    const { code, stdout } = await type(sandbox, group.next);
    expect(code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'source' });
    expectTrue(stdout, { web: 'destination', db: 'source' }, held.relay.address);
    again.child.kill('SIGINT');
    await again.ended;
  });

  it('resumes no source whose guest was let go there and has left since, whatever receiver listens there now', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared, started]);
    await using _ = held.relay;
    await commitRecorded(held);
    for (const name of names) held.relay.of(name).letForward();
    for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
    await held.kill();
    await sandbox.run(`destroy web --registry ${sandbox.there}`);
    const another = await anotherReceiver(held);
    const told = await sandbox.run('recover --json');
    expect(told.code).toBe(6);
    const [group] = JSON.parse(told.stdout).groups;
    expect(group.domains.map(({ where, did }: { where: string; did: string[] }) => [where, did])).toEqual([
      ['unknown', []],
      ['destination', ['destroy-source']],
    ]);
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['web--migratedaway']);
    expect((await type(sandbox, group.next)).code).toBe(0);
    expect(await namesAt(sandbox, sandbox.here)).toEqual([]);
    expect(records(sandbox)).toEqual([]);
    another.child.kill('SIGINT');
    await another.ended;
  });

  it('resumes no source on the word of a receiver whose registry is younger than the migration', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared, started]);
    await using _ = held.relay;
    await commitRecorded(held);
    for (const name of names) held.relay.of(name).letForward();
    for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
    await held.kill();
    held.receiver.child.kill('SIGKILL');
    await held.receiver.ended;
    const elsewhere = join(sandbox.folder, 'elsewhere');
    const other = sandbox.start(['receive', '--registry', elsewhere, '--listen', held.address]);
    await other.prints('stdout', /^127/m);
    const { code, stdout } = await sandbox.run('recover');
    expect({ code, stdout }).toMatchObject({ code: 6, stdout: expect.stringContaining('does not reach back') });
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['db--migratedaway', 'web--migratedaway']);
    other.child.kill('SIGINT');
    await other.ended;
  });

  it('proves the secret that the migration had, from the file that the record names, and records no secret', async () => {
    await using sandbox = new Sandbox();
    const secret = join(sandbox.folder, 'our secret');
    writeFileSync(secret, 'sixteen bytes or more', { mode: 0o600 });
    const held = await underWay(sandbox, [prepared, started], { flags: ['--secret-file', secret] });
    await using _ = held.relay;
    await commitRecorded(held);
    for (const name of names) held.relay.of(name).letForward();
    for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
    await held.kill();
    const record = records(sandbox).find((name) => name.endsWith('.jsonl'));
    const text = readFileSync(join(sandbox.folder, 'state', record!), 'utf8');
    expect(text).toContain(secret);
    expect(text).not.toContain('sixteen bytes');
    const moved = join(sandbox.folder, 'moved');
    await type(sandbox, `mv '${secret}' ${moved}`);
    const lost = await sandbox.run('recover');
    expect({ code: lost.code, stdout: lost.stdout }).toMatchObject({
      code: 6,
      stdout: expect.stringContaining(secret),
    });
    await type(sandbox, `mv ${moved} '${secret}'`);
    const { checks } = JSON.parse((await sandbox.run('doctor --json')).stdout);
    const { finding, fix } = checks.find(({ subject }: { subject: string }) => subject === 'group web, db');
    expect(finding).toContain('web runs at');
    expect((await type(sandbox, fix)).code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'destination' });
    expect(records(sandbox)).toEqual([]);
  });

  it('asks with the secret in --secret-file, where it lies elsewhere by now', async () => {
    await using sandbox = new Sandbox();
    const [secret, moved] = [join(sandbox.folder, 'secret'), join(sandbox.folder, 'moved')];
    writeFileSync(secret, 'sixteen bytes or more', { mode: 0o600 });
    const held = await underWay(sandbox, [prepared, started], { flags: ['--secret-file', secret] });
    await using _ = held.relay;
    await commitRecorded(held);
    await held.kill();
    for (const name of names) held.relay.of(name).dropForward();
    await type(sandbox, `mv ${secret} ${moved}`);
    expect((await sandbox.run(`recover --secret-file ${moved}`)).code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'source', db: 'source' });
  });

  it('does nothing for a record where a later migration is recorded in another folder', async () => {
    await using sandbox = new Sandbox();
    const earlier = await underWay(sandbox, [prepared]);
    await using _ = earlier.relay;
    await bothPrepared(earlier);
    await earlier.kill();
    for (const name of names) await earlier.receiver.prints('stdout', new RegExp(`^${name}: dropped`, 'm'));
    await sandbox.run('resume web db');
    const env = { VMBUDDIES_STATE: join(sandbox.folder, 'other-state') };
    const later = await departing(sandbox, earlier, [prepared, started], { env });
    await using __ = later.relay;
    await eventually(() => (later.receiver.stdout.match(/: prepared/g) ?? []).length === 4, 'both are prepared again');
    for (const name of names) later.relay.of(name).release(prepared);
    for (const name of names) await later.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
    await later.kill();
    expect((await sandbox.run('recover')).stdout).toContain('web: a later migration of it');
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['db--migratedaway', 'web--migratedaway']);
    expect((await sandbox.run('recover', env)).code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'destination' });
  });

  it('believes a person who has looked, where the receiver cannot be asked', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared, started]);
    await using _ = held.relay;
    await commitRecorded(held);
    held.relay.of('web').letForward();
    await held.receiver.prints('stdout', /^web: started/m);
    await held.kill();
    held.relay.of('db').dropForward();
    await held.receiver.prints('stdout', /^db: dropped/m);
    held.receiver.child.kill('SIGKILL');
    await held.receiver.ended;
    const { code } = await sandbox.run('recover --runs-there web --resume-here db');
    expect(code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'source' });
    expect(records(sandbox)).toEqual([]);
  });

  it('finds a record moot whose domains have moved since, and touches none of them', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [], { link: '8Mbit/s' });
    await using _ = held.relay;
    await held.migrating.prints('stderr', /^rates: .*web/m);
    await held.receiver.prints('stdout', /^web: accepted/m);
    await held.kill();
    await held.receiver.prints('stdout', /^web: dropped/m);
    expect((await sandbox.run(`migrate web db --to ${held.address} --link 400Mbit/s`)).code).toBe(0);
    const { code, stdout } = await sandbox.run('recover');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('the record is removed') });
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'destination' });
    expectTrue(stdout, { web: 'destination', db: 'destination' }, held.relay.address);
    expect(records(sandbox)).toEqual([]);
  });

  it('leaves a group alone that is on its way, beside the record of one that was killed', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared]);
    await using _ = held.relay;
    await bothPrepared(held);
    await held.kill();
    const again = await type(sandbox, 'vmbuddies recover');
    expect(again.code).toBe(0);
    const second = await FrameRelay.open(Number(held.address.split(':')[1]), names, [prepared]);
    await using __ = second;
    const migrating = sandbox.start(`migrate web db --to ${second.address} --link 400Mbit/s`.split(' '));
    await eventually(() => (held.receiver.stdout.match(/: prepared/g) ?? []).length === 4, 'both are prepared again');
    expect(await sandbox.run('recover')).toMatchObject({ code: 0, stderr: 'There is nothing to recover.\n' });
    for (const name of names) second.of(name).release(prepared);
    expect((await migrating.ended).code).toBe(0);
    expect(await truth(sandbox)).toEqual({ web: 'destination', db: 'destination' });
  });
});

describe('a leftover of an earlier migration', () => {
  it('keeps a later one from sending anything, and the command in the message works as printed', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared, started]);
    await using _ = held.relay;
    await commitRecorded(held);
    for (const name of names) held.relay.of(name).letForward();
    for (const name of names) await held.receiver.prints('stdout', new RegExp(`^${name}: started`, 'm'));
    await held.kill();
    await sandbox.run(`${start} web`);
    const refused = await sandbox.run(`migrate web --to ${held.address}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).not.toMatch(/sent/);
    const [, command] = /"(vmbuddies recover [^"]*)"/.exec(refused.stderr)!;
    expect((await type(sandbox, command!)).code).toBe(0);
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['web']);
    expect(await namesAt(sandbox, sandbox.there)).toEqual(['db', 'web']);
  });

  it('without a record is left to a person, who is told what to type', async () => {
    await using sandbox = new Sandbox();
    const held = await underWay(sandbox, [prepared]);
    await using _ = held.relay;
    await bothPrepared(held);
    held.relay.of('web').release(prepared);
    const stepsAside = async () => (await namesAt(sandbox, sandbox.here)).includes('web--migratedaway');
    await eventually(stepsAside, 'web steps aside');
    await held.kill();
    await type(sandbox, `rm -r ${join(sandbox.folder, 'state')}`);
    const told = await sandbox.run('recover web --json');
    expect(told.code).toBe(6);
    const [leftover] = JSON.parse(told.stdout).groups;
    expect(leftover.next).toBe(`vmbuddies recover web --registry ${sandbox.here} --resume-here web`);
    expect((await type(sandbox, leftover.next)).code).toBe(0);
    expect(await namesAt(sandbox, sandbox.here)).toEqual(['db', 'web']);
  });
});
