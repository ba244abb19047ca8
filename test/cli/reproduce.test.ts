import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

interface Figure {
  name: string;
  claims: { of: string; paper: string; ours: string; kind: string }[];
}

describe('vmbuddies reproduce', () => {
  it("prints a figure with the paper's numbers beside ours", async () => {
    await using sandbox = new Sandbox();
    const { code, stdout } = await sandbox.run('reproduce --figure 12');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Fig\. 12: /);
    expect(stdout).toMatch(/^completion, ns \(§5\.3\) +1478 s +14\d\d s +fitted$/m);
  });

  it('gives the same JSON every time', async () => {
    await using sandbox = new Sandbox();
    const first = await sandbox.run('reproduce --figure 12 --figure table-2 --json');
    expect(first.code).toBe(0);
    const { schema, figures } = JSON.parse(first.stdout) as { schema: number; figures: Figure[] };
    expect(schema).toBe(1);
    expect(figures.map(({ name }) => name)).toEqual(['table-2', '12']);
    expect((await sandbox.run('reproduce --figure 12 --figure table-2 --json')).stdout).toBe(first.stdout);
  });

  it('writes its charts as SVG', async () => {
    await using sandbox = new Sandbox();
    const folder = join(sandbox.folder, 'plots');
    const { code } = await sandbox.run(`reproduce --figure 10 --svg ${folder}`);
    expect(code).toBe(0);
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['figure-10-d-h.svg', 'figure-10-l-sw.svg', 'figure-10-s-l.svg']);
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^<svg /);
  });

  it('moves process domains and says how near the simulator came', async () => {
    await using sandbox = new Sandbox();
    const only = ['reproduce', '--real', '--only', 'S&L 400 Mbit/s mo', '--scale', '1/64', '--json'];
    const { code, stdout } = await sandbox.start(only).ended;
    expect(code).toBe(0);
    const { cells } = JSON.parse(stdout) as { cells: Record<'simulated' | 'real', { trafficBytes: number }>[] };
    expect(cells).toHaveLength(1);
    const [{ simulated, real } = cells[0]!] = cells;
    expect(Math.abs(simulated.trafficBytes / real.trafficBytes - 1)).toBeLessThan(0.25);
  });

  it.each([
    ['--figure 7', /there is no figure '7' to reproduce; there are 8, table-2/],
    ['--json --markdown', /cannot be used with option '--json'|cannot be used with option '--markdown'/],
    ['--real --svg plots', /cannot be used with option/],
    ['--real --scale 2', /is not a scale from 1\/64 to 1/],
    ['--real --only nothing', /there is no experiment with 'nothing' in its name/],
  ])('%s is bad usage', async (options, message) => {
    await using sandbox = new Sandbox();
    const { code, stderr } = await sandbox.run(`reproduce ${options}`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});
