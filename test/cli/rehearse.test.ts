import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

const start = 'start --workload steady --memory 16MiB --used 12MiB --wws 4MiB --hot 1MiB --hot-writes 900/s';

describe('vmbuddies preflight of process domains', () => {
  it('finds nothing in the way of domains whose receiver answers', async () => {
    await using sandbox = new Sandbox();
    const { receiver, address } = await sandbox.receive();
    await sandbox.run(`${start} web app`);
    const { code, stdout, stderr } = await sandbox.run(`preflight web app --to ${address} --json`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { passed, checks } = JSON.parse(stdout) as {
      passed: boolean;
      checks: { subject: string; verdict: string }[];
    };
    expect(passed).toBe(true);
    expect(checks.map(({ subject, verdict }) => `${verdict} ${subject}`)).toEqual([
      'pass web: dirty log',
      'pass web: name',
      'pass app: dirty log',
      'pass app: name',
      'pass journal',
      `pass receiver ${address}`,
      'pass web: there',
      'pass app: there',
      'note memory',
    ]);
    receiver.child.kill('SIGTERM');
    await receiver.ended;
  });

  it('passes the longest name that start takes, as migrate moves it', async () => {
    await using sandbox = new Sandbox();
    const { receiver, address } = await sandbox.receive();
    const name = 'n'.repeat(64);
    expect((await sandbox.run(`${start} ${name}`)).code).toBe(0);
    expect((await sandbox.run(`preflight ${name} --to ${address}`)).code).toBe(0);
    expect((await sandbox.run(`migrate ${name} --to ${address} --link 400Mbit/s --profile 200ms`)).code).toBe(0);
    receiver.child.kill('SIGTERM');
    await receiver.ended;
  });

  it('fails with 3 where nobody listens and where no decision could be recorded', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web`);
    mkdirSync(sandbox.here, { recursive: true });
    const state = join(sandbox.folder, 'a-file');
    writeFileSync(state, '');
    const { code, stdout } = await sandbox.run('preflight web --to 127.0.0.1:1', { VMBUDDIES_STATE: state });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^FAIL {2}journal: /m);
    expect(stdout).toMatch(/^FAIL {2}receiver 127\.0\.0\.1:1: /m);
  });
});

describe('vmbuddies migrate --dry-run', () => {
  it('prints what exactly this call would do, and moves nothing', async () => {
    await using sandbox = new Sandbox();
    const { receiver, address } = await sandbox.receive();
    await sandbox.run(`${start} web app`);
    const line = `migrate web app --to ${address} --link 100Mbit/s --profile 1s --dry-run`;
    const { code, stdout } = await sandbox.run(`${line} --json`);
    expect(code).toBe(0);
    const interval = { low: expect.any(Number), likely: expect.any(Number), high: expect.any(Number) };
    const costs = { completionMs: interval, trafficBytes: interval, downtimeMs: interval };
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      dryRun: true,
      strategy: 'turns',
      refused: false,
      predicted: costs,
      domains: [
        { name: 'web', predicted: costs },
        { name: 'app', predicted: costs },
      ],
    });
    const refused = await sandbox.run(`${line} --max-downtime 0.001ms`);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/^It would be refused: a pause of .* is predicted, longer than /m);
    const here = (await sandbox.domains(sandbox.here)).map(({ name, state }) => `${name} ${state}`);
    expect(here.sort()).toEqual(['app running', 'web running']);
    expect(await sandbox.domains(sandbox.there)).toEqual([]);
    expect(existsSync(join(sandbox.folder, 'state', 'predictions.json'))).toBe(false);
    receiver.child.kill('SIGTERM');
    expect((await receiver.ended).stdout).not.toMatch(/accepted/);
  });
});
