import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readApplicationFile } from '../../src/index.ts';
import { Sandbox } from './spawn-cli.ts';

const steady = 'start --workload steady --memory 32MiB --used 24MiB --wws 12MiB --hot 1MiB --hot-writes 800/s';

describe('vmbuddies profile', () => {
  it('prints an application file of running domains that plan takes as it is', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${steady} --cold-writes 200/s web`);
    await sandbox.run('start --workload idle --memory 16MiB spare');
    const profiled = await sandbox.run('profile web spare --for 4s --name shop');
    expect({ code: profiled.code, stderr: profiled.stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^profiling web, spare: 0 ms of 4 s\n/),
    });
    const file = join(sandbox.folder, 'shop.yaml');
    writeFileSync(file, profiled.stdout);
    const { name, domains } = await readApplicationFile(file);
    expect(name).toBe('shop');
    expect(domains.map((domain) => [domain.name, domain.memoryBytes, domain.usedBytes])).toEqual([
      ['web', 32 * 2 ** 20, 24 * 2 ** 20],
      ['spare', 16 * 2 ** 20, expect.any(Number)],
    ]);
    const { hotBytes, hotWritesPerSecond, coldWritesPerSecond } = domains[0]!.workload;
    expect(hotBytes).toBeGreaterThan(0.5 * 2 ** 20);
    expect(hotBytes).toBeLessThan(2 * 2 ** 20);
    expect(hotWritesPerSecond).toBeGreaterThan(400);
    expect(hotWritesPerSecond).toBeLessThan(1600);
    expect(coldWritesPerSecond).toBeGreaterThan(100);
    expect(coldWritesPerSecond).toBeLessThan(400);
    expect(domains[1]!.workload.kind).toBe('idle');
    const planned = await sandbox.run(`plan ${file} --link 100Mbit/s --strategy turns --runs 2`);
    expect({ code: planned.code, stderr: planned.stderr }).toEqual({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(/^shop: 2 domains over 100 Mbit\/s/);
  });

  it('prints what it has seen when it is interrupted, as JSON too', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`${steady} web`);
    const running = sandbox.start(['profile', 'web', '--for', '1h', '--json']);
    await running.prints('stderr', /10 s of/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    const file = join(sandbox.folder, 'app.json');
    writeFileSync(file, stdout);
    expect((await readApplicationFile(file)).domains[0]).toMatchObject({ name: 'web', memoryBytes: 32 * 2 ** 20 });
  }, 30_000);

  it('refuses a time that it cannot watch for', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('profile web --for 600h');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("'600h' must be from 1 ms to 1 h");
  });
});

describe('vmbuddies wws', () => {
  it('tells on stderr how far it is where stdout is for a program, and what settled it', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run('start --workload idle --memory 16MiB spare');
    const { code, stdout, stderr } = await sandbox.run('wws spare --interval 100ms --json');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\d+ ms: 0 pages \(0 B\), probe /);
    expect(JSON.parse(stdout)).toMatchObject({ domain: 'spare', settled: true, settledBy: 'equal', wwsPages: 0 });
  });

  it('refuses an interval at which no log can be read', async () => {
    await using sandbox = new Sandbox();
    for (const line of ['wws web --interval 0.0001ms', 'measure web --window 0.0001ms', 'measure web --window 1e9h']) {
      expect(await sandbox.run(line)).toMatchObject({ code: 2, stdout: '' });
    }
  });
});
