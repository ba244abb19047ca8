import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Relay } from '../support/relay.ts';
import { eventually } from '../support/sites.ts';
import { program, type Running, Sandbox } from './spawn-cli.ts';

const start = 'start --memory 16MiB --used 12MiB --wws 4MiB --hot 1MiB --hot-writes 1000/s --cold-writes 500/s web db';
const stopKey = '\x13';
const goKey = '\x11';

const names = async (sandbox: Sandbox, registry: string) =>
  (await sandbox.domains(registry)).map(({ name }) => name).toSorted();
const states = async (sandbox: Sandbox, registry: string) =>
  (await sandbox.domains(registry)).map(({ name, state }) => `${name} ${state}`).toSorted();

async function pidOf(terminal: Running): Promise<number> {
  return Number((await terminal.prints('stdout', /pid (\d+)/)).slice(4));
}

describe('a terminal stopped with Ctrl-S', () => {
  it('does not hold up a group, which commits, and shows its end once the terminal goes on', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { address } = await sandbox.receive();
    const terminal = sandbox.terminal(`migrate web db --to ${address} --profile 500ms`.split(' '));
    await terminal.prints('stdout', /DOMAIN/);
    terminal.child.stdin.write(stopKey);
    await eventually(async () => (await names(sandbox, sandbox.here)).length === 0, 'the group has left');
    expect(await states(sandbox, sandbox.there)).toEqual(['db running', 'web running']);
    expect(terminal.stdout).not.toContain('COMMIT');
    terminal.child.stdin.write(goKey);
    const { code, stdout } = await terminal.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('decision: COMMIT');
    expect(stdout.trimEnd().split('\r\n').at(-1)).toBe(`Every domain runs at ${address}.`);
  });

  it('does not hold up SIGINT, nor what the second one says', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { receiver, address } = await sandbox.receive();
    const terminal = sandbox.terminal(`migrate web db --to ${address} --profile 200ms --link 4Mbit/s`.split(' '));
    await terminal.prints('stdout', /sending/);
    terminal.child.stdin.write(stopKey);
    process.kill(await pidOf(terminal), 'SIGINT');
    await receiver.prints('stdout', /: dropped/);
    process.kill(await pidOf(terminal), 'SIGINT');
    expect((await terminal.ended).code).toBe(130);
    expect(await states(sandbox, sandbox.here)).toEqual(['db running', 'web running']);
  });
});

describe('output that goes nowhere', () => {
  it('costs neither a group nor the exit code anything: /dev/full, for both commands and both streams', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const port = await freePort();
    const receiver = sandbox.shell(
      `exec vmbuddies receive --registry ${sandbox.there} --listen 127.0.0.1:${port} > /dev/full 2>&1`,
    );
    await eventually(async () => (await accepts(port)) === true, 'the receiver listens');
    const sender = sandbox.shell(`vmbuddies migrate web db --to 127.0.0.1:${port} --profile 200ms > /dev/full 2>&1`);
    expect((await sender.ended).code).toBe(0);
    expect(await states(sandbox, sandbox.there)).toEqual(['db running', 'web running']);
    expect(await names(sandbox, sandbox.here)).toEqual([]);
    receiver.child.kill('SIGTERM');
    expect((await receiver.ended).code).toBe(0);
  });

  it('costs a group nothing where it is a pipe that is full and never read', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { address } = await sandbox.receive();
    const { input, output } = await fullPipe(sandbox);
    const args = [program, 'migrate', 'web', 'db', '--to', address, '--profile', '200ms'];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...sandbox.env },
      stdio: ['ignore', input, input],
    });
    const exit = once(child, 'exit');
    await eventually(async () => (await names(sandbox, sandbox.here)).length === 0, 'the group has left');
    expect(await states(sandbox, sandbox.there)).toEqual(['db running', 'web running']);
    expect(child.exitCode).toBeNull();
    let ended = false;
    void exit.then(() => {
      ended = true;
    });
    let text = '';
    await eventually(() => {
      text += drain(output);
      return ended;
    }, 'it ends once it is read');
    text += drain(output);
    expect(child.exitCode).toBe(0);
    expect(text).toContain(`Every domain runs at ${address}.`);
    closeSync(input);
    closeSync(output);
  });

  it('is not kept from a reader that is slow: every line of a long result arrives', async () => {
    await using sandbox = new Sandbox();
    const slow = sandbox.shell('vmbuddies simulate examples/wan.yaml --runs 20 --json | (read -r line; echo "$line")');
    const { stdout } = await slow.ended;
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1 });
    expect(stdout.length).toBeGreaterThan(2 ** 16);
  });

  it('is a failure of a command that is asked for nothing else, and says why', async () => {
    await using sandbox = new Sandbox();
    const { code, stderr } = await sandbox.shell('vmbuddies list --json > /dev/full').ended;
    expect(code).toBe(1);
    expect(stderr).toBe('vmbuddies: 1 line of the result did not reach stdout: no space left on device\n');
  });

  it('is none of a reader who has read enough', async () => {
    await using sandbox = new Sandbox();
    const { code, stderr } = await sandbox.shell('vmbuddies schema scenario | head -1').ended;
    expect(code).toBe(0);
    expect(stderr).toBe('');
  });

  it('does not end a command by SIGXFSZ where files may not grow', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const file = join(sandbox.folder, 'out');
    const listed = await sandbox.shell(`(ulimit -f 0; vmbuddies list > ${file})`).ended;
    expect(listed.code).toBe(1);
    expect(listed.stderr).toContain('of the result did not reach stdout: file too large');
    const { address } = await sandbox.receive();
    const moved = await sandbox.shell(`(ulimit -f 0; vmbuddies migrate web db --to ${address} --profile 200ms)`).ended;
    expect(moved.code).toBe(1);
    expect(moved.stderr.trim().split('\n').at(-1)).toBe('web and db run on here at the source.');
    expect(await states(sandbox, sandbox.here)).toEqual(['db running', 'web running']);
  });

  it('keeps its order where stdout and stderr are one file', async () => {
    await using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'out');
    await sandbox.shell(`vmbuddies ${start} > ${file} 2>&1; echo after >> ${file}`).ended;
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['NAME', 'web', 'db', 'Move', 'after']);
  });
});

describe('a signal', () => {
  it('SIGHUP, as of a terminal that is closed, brings the group home', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { receiver, address } = await sandbox.receive();
    const terminal = sandbox.terminal(`migrate web db --to ${address} --profile 200ms --link 4Mbit/s`.split(' '));
    await terminal.prints('stdout', /sending/);
    const pid = await pidOf(terminal);
    terminal.child.kill('SIGKILL'); // its end of the terminal closes, and the kernel sends SIGHUP
    await receiver.prints('stdout', /db: dropped/);
    await eventually(() => !isAlive(pid), 'the command has ended');
    expect(await states(sandbox, sandbox.here)).toEqual(['db running', 'web running']);
    expect(await names(sandbox, sandbox.there)).toEqual([]);
  });

  it('twice, while the answer to COMMIT is awaited, ends with 6 and with what to type', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start.replace(' db', ''));
    const { receiver, address } = await sandbox.receive();
    await using relay = await Relay.open(Number(address.split(':')[1]));
    relay.swallowStarted();
    const migrating = sandbox.start(
      `migrate web --to ${relay.address} --profile 200ms --registry ${sandbox.here}`.split(' '),
    );
    await relay.swallowed;
    await migrating.prints('stderr', /decision: COMMIT/);
    migrating.child.kill('SIGINT');
    await migrating.prints('stderr', /Giving up/);
    migrating.child.kill('SIGINT');
    const { code, signal, stderr } = await migrating.ended;
    expect({ code, signal }).toEqual({ code: 6, signal: null });
    expect(stderr).toMatch(/where web runs is UNKNOWN/i);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/vmbuddies \w+ .*--registry/);
    expect(stderr).not.toContain('at the source.');
    expect(await states(sandbox, sandbox.there)).toEqual(['web running']);
    receiver.child.kill('SIGTERM');
    await receiver.ended;
  });

  it('twice, before anything was handed over, ends with the signal and where the guests were seen', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { address } = await sandbox.receive();
    const migrating = sandbox.start(`migrate web db --to ${address} --link 4Mbit/s --profile 200ms`.split(' '));
    await migrating.prints('stderr', /^rates: /m);
    migrating.child.kill('SIGTERM');
    migrating.child.kill('SIGTERM');
    const { code, stderr } = await migrating.ended;
    expect(code).toBe(143);
    expect(stderr.trim().split('\n').at(-1)).toBe('web and db run on here at the source.');
    expect(await states(sandbox, sandbox.here)).toEqual(['db running', 'web running']);
  });
});

describe('a command that fails with --json', () => {
  /** Verb → arguments that it fails with, its exit code, and the error's own code. */
  const failing: Readonly<Record<string, readonly [args: string, exit: number, errorCode: string]>> = {
    demo: ['--scale 2', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    doctor: ['me', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    list: ['--registry /dev/null', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    measure: ['nobody', 2, 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND'],
    wws: ['nobody', 2, 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND'],
    profile: ['nobody', 2, 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND'],
    plan: ['/nonexistent.yaml --link 1Gbit/s', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    group: ['/nonexistent.yaml --k 2', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    simulate: ['/nonexistent.yaml', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    reproduce: ['--only oba', 2, 'ERR_VMBUDDIES_ARGUMENT'],
    receive: ['--listen 192.0.2.1:7070 --insecure', 1, 'ERR_VMBUDDIES_SYSTEM'],
    preflight: ['nobody --to 127.0.0.1:1', 2, 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND'],
    migrate: ['nobody --to 127.0.0.1:1', 2, 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND'],
    recover: ['--registry /dev/null', 2, 'ERR_VMBUDDIES_ARGUMENT'],
  };

  const members = ['cause', 'code', 'domain', 'errno', 'message', 'operation', 'where'];

  async function expectError(line: string, exit: number, errorCode: string) {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run(line);
    expect(code).toBe(exit);
    expect(stderr).toMatch(/^vmbuddies: /m);
    expect(stdout.split('\n')).toHaveLength(2);
    const { schema, error } = JSON.parse(stdout);
    expect(schema).toBe(1);
    expect(error).toMatchObject({ code: errorCode, domain: line.includes('nobody') ? 'nobody' : null });
    expect(error.message).not.toBe('');
    expect(Object.keys(error).toSorted()).toEqual(members);
  }

  it('is, below, each verb that has this option', async () => {
    await using sandbox = new Sandbox();
    const { stdout } = await sandbox.run('--help');
    const verbs = [...stdout.split('Verbs:')[1]!.matchAll(/^ {2}(\w+) /gm)].map(([, verb]) => verb!);
    expect(verbs).toEqual(expect.arrayContaining(Object.keys(failing)));
    const helps = await Promise.all(verbs.map(async (verb) => (await sandbox.run(`help ${verb}`)).stdout));
    const withJson = verbs.filter((_, at) => helps[at]!.includes('  --json '));
    expect(withJson.toSorted()).toEqual(Object.keys(failing).toSorted());
  });

  it.each(Object.entries(failing))('says on stdout, in one object, what is wrong: %s', async (verb, [args, ...end]) => {
    await expectError(`${verb} ${args} --json`, ...end);
  });

  it('has the error in the report of a migration', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(start);
    const { code, stdout } = await sandbox.run('migrate web db --to 127.0.0.1:1 --profile 200ms --json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER', operation: 'connect' });
  });
});

describe('a word that means nothing', () => {
  it.each([
    ['help nosuch', /there is no verb 'nosuch'/],
    ['reproduce --only oba', /--only has no meaning without --real/],
    ['reproduce --scale 1\\/8', /--scale has no meaning without --real/],
  ])('is refused: %s', async (line, message) => {
    await using sandbox = new Sandbox();
    const { code, stderr, stdout } = await sandbox.run(line.replace('\\', ''));
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });

  it('in a hint is quoted, so that it can be typed as it stands', async () => {
    await using sandbox = new Sandbox();
    const registry = join(sandbox.folder, 'a host');
    const { stderr } = await sandbox.start(['list', '--registry', registry]).ended;
    expect(stderr).toBe(`No domains here. Start one: vmbuddies start NAME --registry '${registry}'\n`);
  });
});

/** A zombie is not: whoever takes it over may let it wait. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks without connecting, which the receiver would take for a guest. */
async function accepts(port: number): Promise<boolean> {
  const hex = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8').includes(` ${hex} 00000000:0000 0A`);
}

/** A named pipe that takes no more: to be given to a child, and to be read here without waiting. */
async function fullPipe(sandbox: Sandbox): Promise<{ input: number; output: number }> {
  const path = join(sandbox.folder, 'pipe');
  await once(spawn('mkfifo', [path]), 'exit');
  const output = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const input = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(input, Buffer.alloc(4096, '.'));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
  }
  return { input, output };
}

function drain(pipe: number): string {
  const bytes = Buffer.alloc(2 ** 17);
  try {
    return bytes.toString('utf8', 0, readSync(pipe, bytes));
  } catch {
    return '';
  }
}
