import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

/** Half of its memory is free. */
const start = 'start --memory 16MiB --used 8MiB --wws 4MiB';

async function presentMiB(sandbox: Sandbox): Promise<number[]> {
  const { stdout } = await sandbox.run('list --json');
  return JSON.parse(stdout).domains.map(({ presentBytes }: { presentBytes: number }) => presentBytes / 2 ** 20);
}

describe('vmbuddies balloon', () => {
  it('takes memory from a domain and gives it again', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web`);
    expect(await sandbox.run('balloon web 10MiB')).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'web has 10 MiB.\n',
    });
    expect(await presentMiB(sandbox)).toEqual([10]);
    expect(await sandbox.run('balloon web 16MiB')).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'web has 16 MiB.\n',
    });
    expect(await presentMiB(sandbox)).toEqual([16]);
  });

  it('takes nothing that the guest uses', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web`);
    const { code, stderr } = await sandbox.run('balloon web 4MiB');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^vmbuddies: web.*\n$/);
    expect(await presentMiB(sandbox)).toEqual([16]);
  });

  it('mends what a migration that was killed has left, as doctor says', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${start} web db`);
    const { receiver, address } = await sandbox.receive();
    const migrating = sandbox.start(`migrate web db --to ${address} --link 8Mbit/s`.split(' '));
    await migrating.prints('stderr', /^rates: /m);
    migrating.child.kill('SIGKILL');
    await migrating.ended;
    for (const present of await presentMiB(sandbox)) expect(present).toBeLessThan(16);
    const { stdout } = await sandbox.run('doctor');
    const [fix] = stdout.match(/vmbuddies recover.*/)!;
    await sandbox.run(fix.replace('vmbuddies ', ''));
    expect(await presentMiB(sandbox)).toEqual([16, 16]);
    expect((await sandbox.run('doctor')).stdout).not.toContain('vmbuddies recover');
    receiver.child.kill('SIGINT');
    await receiver.ended;
  });
});
