import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

/** Small enough to be quick, written often enough to need several rounds. */
const start = 'start --memory 16MiB --used 12MiB --wws 8MiB --hot 1MiB --hot-writes 2000/s --cold-writes 1000/s';

describe('vmbuddies receive and migrate', () => {
  it('move an application to another host, where it lives on after both have ended', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web app db`);
    const { receiver, address } = await sandbox.receive();
    const moved = await sandbox.run(`migrate web app db --to ${address} --link 400Mbit/s --json`);
    expect(moved.code).toBe(0);
    const report = JSON.parse(moved.stdout);
    expect(report).toMatchObject({ schema: 1, strategy: 'turns', outcome: 'committed', where: 'destination' });
    expect(report.domains.map(({ name }: { name: string }) => name)).toEqual(['web', 'app', 'db']);
    expect(report.unsynchronisedMs).toBeLessThan(1000);
    expect(moved.stderr).toMatch(/^web: round 0: .* sent in .*, .* dirtied$/m);
    expect(moved.stderr).toMatch(/^decision: COMMIT/m);
    expect(moved.stderr.trim().split('\n').at(-1)).toBe(`Every domain runs at ${address}.`);
    receiver.child.kill('SIGTERM');
    const { code, stdout } = await receiver.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^db: started, from 127\.0\.0\.1:\d+, .* received/m);
    expect(await sandbox.domains(sandbox.here)).toEqual([]);
    const there = await sandbox.domains(sandbox.there);
    expect(there.map(({ name }) => name).toSorted()).toEqual(['app', 'db', 'web']);
    const later = await sandbox.domains(sandbox.there);
    expect(later[0]!.writes).toBeGreaterThan(there[0]!.writes);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('bring the application home on %s and end with %d', async (signal, code) => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web db`);
    const { receiver, address } = await sandbox.receive();
    const migrating = sandbox.start(`migrate web db --to ${address} --link 8Mbit/s`.split(' '));
    await migrating.prints('stderr', /^rates: /m);
    migrating.child.kill(signal);
    const ended = await migrating.ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain('Giving up: every domain stays at the source');
    expect(ended.stderr.trim().split('\n').at(-1)).toBe('web and db run on here at the source.');
    expect((await sandbox.domains(sandbox.here)).map(({ state }) => state)).toEqual(['running', 'running']);
    await receiver.prints('stdout', /: dropped/);
    expect(await sandbox.domains(sandbox.there)).toEqual([]);
    receiver.child.kill('SIGINT');
    expect((await receiver.ended).code).toBe(0);
  });

  it('leave every domain at the source when the receiver dies', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web db`);
    const { receiver, address } = await sandbox.receive();
    const migrating = sandbox.start(`migrate web db --to ${address} --link 8Mbit/s --json`.split(' '));
    await migrating.prints('stderr', /^rates: /m);
    receiver.child.kill('SIGKILL');
    const { code, stdout, stderr } = await migrating.ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(stderr.trim().split('\n').at(-1)).toBe('web and db run on here at the source.');
    expect((await sandbox.domains(sandbox.here)).map(({ state }) => state)).toEqual(['running', 'running']);
  });

  it('end with 1, the domain untouched, when nobody listens', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web`);
    const { code, stderr } = await sandbox.run('migrate web --to 127.0.0.1:1');
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toBe('web runs on here at the source.');
  });

  it('move nothing when one of the domains is not there', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web`);
    const { code, stderr } = await sandbox.run('migrate web nobody --to 127.0.0.1:1');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^vmbuddies: .*nobody.*\n$/);
  });
});
