import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

interface Run {
  strategy: string;
  outcome: string;
  completionMs: number;
  trafficBytes: number;
  unsynchronisedMs: number;
  domains: { name: string; verified: boolean }[];
}

describe('vmbuddies demo', () => {
  it('verifies every guest under both strategies, and together beats one after another', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout } = await sandbox.run('demo --scale 1/32 --json');
    expect(code).toBe(0);
    const { schema, scenario, runs } = JSON.parse(stdout) as { schema: number; scenario: object; runs: [Run, Run] };
    expect({ schema, scenario }).toEqual({
      schema: 1,
      scenario: { scale: 1 / 32, linkBytesPerSecond: 50_000_000, seed: 1, timeFactor: 32 },
    });
    expect(runs.map(({ strategy, outcome }) => `${strategy} ${outcome}`)).toEqual(['ns committed', 'turns committed']);
    for (const { domains } of runs) {
      expect(domains.map(({ name, verified }) => [name, verified])).toEqual([
        ['web', true],
        ['app', true],
        ['db', true],
      ]);
    }
    const [ns, together] = runs;
    expect(together.trafficBytes).toBeLessThan(ns.trafficBytes);
    expect(together.unsynchronisedMs).toBeLessThan(ns.unsynchronisedMs);
    expect(readdirSync(sandbox.folder).filter((name) => name.startsWith('vmbuddies-demo-'))).toEqual([]);
  });

  it("prints a table with the ratios to ns, and on stderr which numbers are the paper's", async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('demo --scale 1/64 --compare ns,mo --seed 7');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^STRATEGY +COMPLETION +÷ ns +TRAFFIC +÷ ns +DOWNTIME +÷ ns +UNSYNCHRONISED +÷ ns +VERIFIED\n/,
    );
    expect(stdout).toMatch(/^mo .* 3 of 3$/m);
    expect(stderr).toContain('From the paper: memory, WWS (Table 2)');
  });

  it('removes everything when it is interrupted, and ends with 130', async () => {
    await using sandbox = new Sandbox();
    const demo = sandbox.start('demo --scale 1/8 --link 40Mbit/s --strategy oba+mo'.split(' '));
    await demo.prints('stderr', /^rates: /m);
    const [folder] = readdirSync(sandbox.folder).filter((name) => name.startsWith('vmbuddies-demo-'));
    expect(folder).toBeDefined();
    demo.child.kill('SIGINT');
    const { code, stderr } = await demo.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('every guest is removed');
    expect(readdirSync(sandbox.folder)).not.toContain(folder);
  });
});
