import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

/** A file with this secret in it, readable by its owner alone. */
function secretFile(sandbox: Sandbox, name: string, secret: string, mode = 0o600): string {
  const path = join(sandbox.folder, name);
  writeFileSync(path, secret);
  chmodSync(path, mode);
  return path;
}

describe('vmbuddies receive and migrate, beyond this machine', () => {
  it('listen or send beyond loopback with a secret only, or when told --insecure, and say so before anything is tried', async () => {
    await using sandbox = new Sandbox();
    for (const listen of ['0.0.0.0:0', '[::]:0', 'not-this-host.invalid:0', '192.0.2.1:7070']) {
      const { code, stderr, stdout } = await sandbox.run(`receive --listen ${listen}`);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain("is not this machine's loopback");
      expect(stderr).toContain('--secret-file');
    }
    await sandbox.run('start web --workload idle --memory 8MiB');
    const { code, stderr } = await sandbox.run('migrate web --to 192.0.2.1:7070');
    expect(code).toBe(2);
    expect(stderr).toContain("192.0.2.1 is not this machine's loopback");
  });

  it('warns of --insecure, and names no address that cannot be typed', async () => {
    await using sandbox = new Sandbox();
    const receiver = sandbox.start(['receive', '--listen', '0.0.0.0:0', '--insecure', '--registry', sandbox.there]);
    await receiver.prints('stderr', /Send domains here: .*\n/);
    receiver.child.kill('SIGTERM');
    const { stderr } = await receiver.ended;
    expect(stderr).toMatch(/^Warning: no secret\./);
    expect(stderr).not.toContain('--to 0.0.0.0');
    expect(stderr).toMatch(/--to \S+:\d+ --insecure$/m);
    const help = (await sandbox.run('receive --help')).stdout;
    expect(help).not.toContain('0.0.0.0');
    expect(help).toContain('openssl rand -hex 32');
  });

  it('move a domain where both have the same secret, with a newline or without', async () => {
    await using sandbox = new Sandbox();
    const theirs = secretFile(sandbox, 'theirs', 'sixteen bytes or more\n');
    const ours = secretFile(sandbox, 'ours', 'sixteen bytes or more');
    const receiver = sandbox.start(['receive', '--registry', sandbox.there, '--secret-file', theirs]);
    const address = await receiver.prints('stdout', /^127\.0\.0\.1:\d+$/m);
    expect(await receiver.prints('stderr', /Send domains here: .*\n/)).toContain(`--secret-file ${theirs}`);
    await sandbox.run('start web --workload idle --memory 8MiB');

    const other = secretFile(sandbox, 'other', 'another secret altogether');
    const wrong = await sandbox.run(`migrate web --to ${address} --profile 100ms --secret-file ${other}`);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('the secrets differ');
    const none = await sandbox.run(`migrate web --to ${address} --profile 100ms`);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('asks for its secret');
    expect((await sandbox.domains(sandbox.here)).map(({ name, state }) => [name, state])).toEqual([['web', 'running']]);

    for (const verb of ['preflight', 'migrate --dry-run']) {
      const asking = `${verb} web --to ${address} --secret-file`;
      expect((await sandbox.run(`${asking} ${other}`)).code).toBe(3);
      const { code, stdout, stderr } = await sandbox.run(`${asking} ${ours}`);
      expect(code, stdout + stderr).toBe(0);
      if (verb === 'preflight') expect(stderr).toContain(`--secret-file ${ours}`);
    }

    const right = await sandbox.run(`migrate web --to ${address} --profile 100ms --secret-file ${ours}`);
    expect(right.stderr).toContain('Every domain runs at');
    expect(right.code).toBe(0);
    expect((await sandbox.domains(sandbox.there)).map(({ name }) => name)).toEqual(['web']);
    receiver.child.kill('SIGTERM');
    await receiver.ended;
  });

  it('take a secret from nothing but a regular file of the right size that is its owner’s alone', async () => {
    await using sandbox = new Sandbox();
    const fifo = join(sandbox.folder, 'fifo');
    execFileSync('mkfifo', ['-m', '600', fifo]);
    const long = 'sixteen bytes or more';
    for (const [path, complaint] of [
      [secretFile(sandbox, 'shared', long, 0o640), 'others may read or change the secret'],
      [secretFile(sandbox, 'short', 'too short\n'), 'has 9'],
      [secretFile(sandbox, 'empty', ''), 'has 0'],
      [secretFile(sandbox, 'huge', 'x'.repeat(10_000)), 'has more'],
      [join(sandbox.folder, 'missing'), 'ENOENT'],
      [fifo, 'is not a regular file'],
      [sandbox.folder, 'is not a regular file'],
    ] as const) {
      const { code, stderr } = await sandbox.run(`receive --secret-file ${path}`);
      expect(stderr).toContain(complaint);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  it('take IPv6 addresses with a zone', async () => {
    await using sandbox = new Sandbox();
    const secret = secretFile(sandbox, 'secret', 'sixteen bytes or more');
    const { code, stderr } = await sandbox.run(`receive --listen [fe80::1%nosuchzone]:0 --secret-file ${secret}`);
    expect(code).toBe(1);
    expect(stderr).toContain('fe80::1%nosuchzone');
    expect(stderr).not.toContain('is not HOST:PORT');
  });
});

it('a domain has as much memory present after its move as before', async () => {
  await using sandbox = new Sandbox();
  const { receiver, address } = await sandbox.receive();
  const present = async (registry: string): Promise<number> => {
    const { stdout } = await sandbox.run(`list --json --registry ${registry}`);
    return JSON.parse(stdout).domains[0].presentBytes;
  };
  await sandbox.run('start web --memory 64MiB --used 40MiB');
  const before = await present(sandbox.here);
  const { code, stdout } = await sandbox.run(`migrate web --to ${address} --profile 100ms --link 2Gbit/s`);
  expect(code, stdout).toBe(0);
  expect(await present(sandbox.there)).toBe(before);
  receiver.child.kill('SIGTERM');
  await receiver.ended;
});
