import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

describe('vmbuddies plan', () => {
  it('puts every strategy side by side and warns before the start', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('plan examples/three-tier.yaml --link 40Mbit/s --runs 3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      'three-tier: 3 domains over 40 Mbit/s, 0 ms one way; median of 3 simulated runs, and where 8 of 10 lay',
    );
    expect(lines[1]).toMatch(/^STRATEGY +COMPLETION +TRAFFIC +DOWNTIME +UNSYNCHRONISED +COMMITTED$/);
    expect(lines.slice(2, 10).map((line) => line.split(' ')[0])).toEqual([
      'ns',
      'mo',
      'lll',
      'lll+mo',
      'oba',
      'equal',
      'oba+mo',
      'turns',
    ]);
    expect(stdout).toMatch(
      /^warning: db dirties [\d.]+ MiB\/s, the link carries 4\.77 MiB\/s: it will not converge; .* pause will be about /m,
    );
  });

  it('gives programs the same as one object', async () => {
    await using sandbox = new Sandbox();
    const line = 'plan examples/three-tier.yaml --link 400Mbit/s --latency 20ms --strategy oba+mo --runs 3 --json';
    const { code, stdout } = await sandbox.run(line);
    expect(code).toBe(0);
    const interval = { low: expect.any(Number), median: expect.any(Number), high: expect.any(Number) };
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      application: 'three-tier',
      linkBytesPerSecond: 50_000_000,
      latencyMs: 20,
      predictions: [
        { strategy: 'oba+mo', runs: 3, committed: 3, figures: { completionMs: interval, downtimeMs: interval } },
      ],
      warnings: [{ kind: 'long-pause', domain: 'db' }],
    });
    expect((await sandbox.run(line)).stdout).toBe(stdout);
  });

  it('ends with 2 for a file or a link that it cannot plan for', async () => {
    await using sandbox = new Sandbox();
    const gone = await sandbox.run('plan gone.yaml --link 1Gbit/s');
    expect(gone).toMatchObject({ code: 2, stdout: '' });
    expect(gone.stderr).toMatch(/^vmbuddies: gone\.yaml cannot be read: ENOENT/);
    const wrong = await sandbox.run('plan examples/wan.yaml --link 1Gbit/s');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr.split('\n')[0]).toMatch(/^examples\/wan\.yaml:\d+:1: domains: is missing$/);
    expect((await sandbox.run('plan examples/three-tier.yaml')).code).toBe(2);
    expect((await sandbox.run('plan examples/three-tier.yaml --link unlimited')).stderr).toContain(
      'needs a limited link',
    );
  });

  it('plans for a link that carries little more than nothing, and for a guest of 64 TiB', async () => {
    await using sandbox = new Sandbox();
    const slow = await sandbox.run('plan examples/three-tier.yaml --link 50kbit/s --strategy turns --runs 1');
    expect({ code: slow.code, stderr: slow.stderr }).toEqual({ code: 0, stderr: '' });
    const file = join(sandbox.folder, 'large.yaml');
    writeFileSync(
      file,
      'domains: [{ name: db, memory: 64TiB, dirtyRate: 600 pages/s, wws: 1TiB, coldRate: 1 pages/s }]',
    );
    const large = await sandbox.run(`plan ${file} --link 100Gbit/s --runs 1 --json`);
    expect({ code: large.code, stderr: large.stderr }).toEqual({ code: 0, stderr: '' });
    for (const { figures } of JSON.parse(large.stdout).predictions) {
      expect(figures.trafficBytes.median).toBeGreaterThanOrEqual(2 ** 46);
    }
  });

  it.each([
    ['domains: [{ name: db, memory: 1e300, workload: { kind: idle } }]', /:1:31: domains\[0\]\.memory: is larger than/],
    [
      'domains: [{ name: db, memory: 4MiB, workload: { kind: waves, wws: 1MiB, coldWrites: 9/s, period: 1e300 } }]',
      /:1:98: domains\[0\]\.workload\.period: must be from 1ms to a year, 8784h/,
    ],
  ])('refuses at its place what nothing can be planned for: %s', async (text, problem) => {
    await using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'absurd.yaml');
    writeFileSync(file, text);
    const { code, stderr } = await sandbox.run(`plan ${file} --link 1Gbit/s`);
    expect(code).toBe(2);
    expect(stderr).toMatch(problem);
  });
});
