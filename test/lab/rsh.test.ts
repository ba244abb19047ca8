// lab-rsh and lab-rshd over loopback, with real commands: what xl's handshake relies on, half-closes above all.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRsh } from '../../lab/rsh/build.mjs';

const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-rsh-'));
let client: string;
let daemon: ChildProcess;
let port: number;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 5000; !(await condition()); await sleep(10)) {
    if (performance.now() > deadline) throw new Error(`not within 5 s: ${condition}`);
  }
}

const rsh = (...words: string[]) => spawn(client, ['-p', String(port), '127.0.0.1', ...words]);

async function run(command: string) {
  const call = rsh(command);
  call.stdin.end();
  const [output, errors, [status]] = await Promise.all([text(call.stdout), text(call.stderr), once(call, 'exit')]);
  return { output, errors, status };
}

beforeAll(async () => {
  const built = await buildRsh({ outFolder: folder });
  client = built.client;
  port = await freePort();
  daemon = spawn(built.server, ['127.0.0.1', String(port)], { stdio: 'ignore' });
  await until(() => answers('127.0.0.1'));
});

afterAll(() => {
  daemon.kill();
  rmSync(folder, { recursive: true });
});

describe('a command run through lab-rsh', () => {
  it('has its output, its errors and its exit status relayed', async () => {
    expect(await run('echo out; echo err >&2; exit 42')).toEqual({ output: 'out\n', errors: 'err\n', status: 42 });
    expect((await run('kill -9 $$')).status).toBe(128 + 9);
  });

  it("is what a shell makes of the words joined by spaces, after ssh's own options and the user's name", async () => {
    const words = [
      '-q',
      '-o',
      'BatchMode=yes',
      '-p',
      String(port),
      'root@127.0.0.1',
      'echo',
      '-p',
      'a   b',
      '$((6*7))',
    ];
    const call = spawn(client, words);
    expect(await text(call.stdout)).toBe('-p a b 42\n');
  });

  it('gets 64 MiB unchanged, and so do we', async () => {
    const sent = randomBytes(64 << 20);
    const hash = createHash('sha256');
    const call = rsh('cat');
    call.stdout.on('data', (bytes) => hash.update(bytes));
    call.stdin.end(sent);
    expect(await once(call, 'close')).toEqual([0, null]);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  it('sees its stdin end when ours does, and can still answer', async () => {
    const call = rsh('cat; sleep 0.3; echo "and then"; exit 5');
    call.stdin.end('all read, ');
    expect(await text(call.stdout)).toBe('all read, and then\n');
    if (call.exitCode === null) await once(call, 'exit');
    expect(call.exitCode).toBe(5);
  });

  it('can close its stdout long before it ends, while our stdin is open', async () => {
    const call = rsh('echo last; exec >&-; read line; test "$line" = go; exit $((8 + $?))');
    expect(await text(call.stdout)).toBe('last\n');
    expect(call.exitCode).toBeNull();
    call.stdin.write('go\n');
    expect(await once(call, 'exit')).toEqual([8, null]);
    call.stdin.destroy();
  });

  it('may end with any amount of input unread: its exit status arrives all the same', async () => {
    for (let i = 0; i < 20; ++i) {
      const call = rsh('head -c 3; exit 7');
      call.stdin.on('error', () => {}); // the pipe breaks under us, as it should
      call.stdin.write(Buffer.alloc(4 << 20, 'x'));
      expect(await text(call.stdout)).toBe('xxx');
      if (call.exitCode === null) await once(call, 'exit');
      expect(call.exitCode).toBe(7);
    }
  });
});

describe('when one side dies', () => {
  it('a killed client leaves the command with closed pipes, at once', async () => {
    const seen = join(folder, 'seen');
    const call = rsh(`trap "" PIPE; echo ready; cat >/dev/null; echo more 2>/dev/null; echo $? >${seen}`);
    await once(call.stdout, 'data');
    call.kill('SIGKILL');
    await until(() => existsSync(seen) && readFileSync(seen, 'utf8') !== '');
    expect(readFileSync(seen, 'utf8')).not.toBe('0\n'); // its stdout was closed together with its stdin
  });

  it('a killed client is noticed although the command reads nothing and all buffers are full', async () => {
    const seen = join(folder, 'seen-unread');
    const call = rsh(`trap "" PIPE; echo ready; while echo on 2>/dev/null; do sleep 0.05; done; echo over >${seen}`);
    await once(call.stdout, 'data');
    call.stdout.resume();
    call.stdin.on('error', () => {});
    call.stdin.write(Buffer.alloc(64 << 20));
    // Full once a pass takes nothing more of what waits to be written.
    let waiting = Number.POSITIVE_INFINITY;
    await until(async () => {
      const before = waiting;
      await sleep(50);
      waiting = call.stdin.writableLength;
      return waiting === before;
    });
    expect(waiting).toBeGreaterThan(0);
    call.kill('SIGKILL');
    await until(() => existsSync(seen));
  });

  it('a killed server makes the client exit with 255', async () => {
    const call = rsh('echo ready; exec sleep 3');
    await once(call.stdout, 'data');
    const [connection] = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(connection), 'SIGKILL');
    expect(await once(call, 'exit')).toEqual([255, null]);
  });
});

describe('lab-rshd', () => {
  it('listens on its own address only', async () => {
    expect(await answers('127.0.0.1')).toBe(true);
    expect(await answers('127.0.0.2')).toBe(false);
    const call = spawn(client, ['-p', String(port), '127.0.0.2', 'true']);
    expect(await text(call.stderr)).toBe(`lab-rsh: 127.0.0.2:${port}: Connection refused\n`);
    if (call.exitCode === null) await once(call, 'exit');
    expect(call.exitCode).toBe(255);
  });
});
