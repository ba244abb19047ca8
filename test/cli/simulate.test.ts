import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

describe('vmbuddies simulate', () => {
  it('tells a migration that fails event by event, and where everybody is', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('simulate examples/failing-link.yaml');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^turns: pair, 2 domains over 200 Mbit\/s, 5 ms one way\n/);
    expect(stderr).toMatch(/^ +2\.\d{3} s {2}web: ballooned from 512 MiB to /m);
    expect(stderr).toMatch(/^ +30\.\d{3} s {2}decision: ABORT \(.*the link was cut\)$/m);
    expect(stdout).toMatch(/^DOMAIN +AT +ROUNDS +SENT +COMPLETION +DOWNTIME +BY GUEST +STOPPED BY\nweb +source /);
    expect(stdout).toMatch(/^turns: failed in [\d.]+ s, /m);
  });

  it('compares strategies as the demo does', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout } = await sandbox.run('simulate examples/wan.yaml');
    expect(code).toBe(0);
    const [titles, ...rows] = stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^STRATEGY +COMPLETION +÷ ns +TRAFFIC +÷ ns +DOWNTIME +÷ ns +UNSYNCHRONISED +÷ ns$/);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['ns', 'mo', 'oba+mo', 'turns']);
  });

  it('sums up many runs, and is the same for the same seed', async () => {
    await using sandbox = new Sandbox();
    const line = 'simulate examples/wan.yaml --runs 3 --seed 7';
    const { code, stdout, stderr } = await sandbox.run(line);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^STRATEGY +COMPLETION +TRAFFIC +DOWNTIME +UNSYNCHRONISED +COMMITTED\nns /);
    expect(stdout).toMatch(/^turns .* 3 of 3$/m);
    expect(stderr.trimEnd().split('\n')).toHaveLength(4);
    const json = await sandbox.run(`${line} --json`);
    const { schema, scenario, runs } = JSON.parse(json.stdout);
    expect({ schema, scenario }).toEqual({
      schema: 1,
      scenario: { application: 'three-tier', linkBytesPerSecond: 50_000_000, latencyMs: 20, loss: 0, seed: 7, runs: 3 },
    });
    expect(runs).toHaveLength(12);
    expect(runs[11]).toMatchObject({ seed: 9, strategy: 'turns', outcome: 'committed', where: 'destination' });
    expect((await sandbox.run(`${line} --json`)).stdout).toBe(json.stdout);
  });

  it('ends with 2 and all problems of a wrong file', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('simulate examples/three-tier.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^examples\/three-tier\.yaml:\d+:1: application: is missing\n/);
    expect(stderr).toMatch(
      /^examples\/three-tier\.yaml:\d+:1: there is no key 'domains' here; there are application, /m,
    );
  });
});

describe('vmbuddies schema', () => {
  it('prints the JSON schema of either kind of file', async () => {
    await using sandbox = new Sandbox();
    expect(JSON.parse((await sandbox.run('schema application')).stdout)).toMatchObject({
      title: 'VMbuddies application',
    });
    expect(JSON.parse((await sandbox.run('schema scenario')).stdout)).toMatchObject({ title: 'VMbuddies scenario' });
    expect((await sandbox.run('schema host')).code).toBe(2);
  });

  it.each([
    ['startAt: 100000h', /:4:10: startAt: must be at most a year, 8784h/],
    ['profile: 1e308', /:4:10: profile: must be from 1ms to 1h/],
    ['maxDowntime: 1e-300', /:4:14: maxDowntime: must be from 0\.001ms to a year/],
    ['loss: 1', /:4:7: loss: must be/],
  ])('refuses at its place what nobody can wait for: %s', async (line, problem) => {
    await using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'absurd.yaml');
    const flows = 'flows: []';
    writeFileSync(
      file,
      `application:\n  { domains: [{ name: db, memory: 4MiB, workload: { kind: idle } }], ${flows} }\nlink: 1MB/s\n${line}\n`,
    );
    const { code, stdout, stderr } = await sandbox.run(`simulate ${file}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(problem);
  });
});
