import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

describe('vmbuddies group', () => {
  it('prints groups in their order, what they cut, and the two other ways beside them', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('group examples/workflow.yaml --k 3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^workflow: 9 domains over 400 Mbit\/s\nGROUP +TO SEND +TIME +SPLIT MEANWHILE +DOMAINS\n/);
    expect(stdout).toMatch(/^ +1 .* gateway orders orders-rules orders-db$/m);
    expect(stdout).toContain('6.4 Mbit/s between the groups; split traffic: the least there is\n');
    expect(stdout).toMatch(/^MOVED +GROUPS +AT ONCE +TIME +SPLIT TRAFFIC$/m);
    for (const way of ['in groups', 'one by one', 'all at once']) expect(stdout).toMatch(new RegExp(`^${way} `, 'm'));
    expect(stdout).not.toContain('Replicated tiers');
  });

  it('shows which replicas move first and last', async () => {
    await using sandbox = new Sandbox();
    const { stdout } = await sandbox.run('group examples/replicated-tiers.yaml --max-parallel 3');
    expect(stdout).toMatch(
      /^Replicated tiers: both sides can serve throughout if they move in this order, .* in all:$/m,
    );
    expect(stdout).toContain('  1. web1 app1 db1\n');
    expect(stdout).toContain('  5. web2 app2 db2\n');
    expect(stdout).toContain('  db serves at the destination with db1 and at the source with db2\n');
  });

  it('gives programs one object, and Graphviz a graph', async () => {
    await using sandbox = new Sandbox();
    const { stdout } = await sandbox.run('group examples/workflow.yaml --k 3 --link 1Gbit/s --json');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      schema: 1,
      application: 'workflow',
      linkBytesPerSecond: 125_000_000,
      cutBytesPerSecond: 800_000,
      cutIsOptimal: true,
      oneByOne: { groups: { length: 9 } },
      allAtOnce: { splitBytes: 0 },
      replicas: null,
    });
    expect(report.groups).toHaveLength(3);
    const graph = await sandbox.run('group examples/workflow.yaml --k 3 --dot');
    expect(graph.stdout).toMatch(/^digraph "workflow" \{\n/);
    expect(graph.stdout.match(/subgraph cluster_/g)).toHaveLength(3);
    expect(graph.stdout.match(/style=dashed/g)).toHaveLength(4);
  });

  it('ends with 2 where the limits contradict the file or each other', async () => {
    await using sandbox = new Sandbox();
    const many = await sandbox.run('group examples/three-tier.yaml --k 4');
    expect(many).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'vmbuddies: groups must be an integer in [1, 3], not 4\n',
    });
    const both = await sandbox.run('group examples/three-tier.yaml --k 2 --max-parallel 2');
    expect(both.code).toBe(2);
    expect(both.stderr).toContain("cannot be used with option '--k");
    expect((await sandbox.run('group examples/three-tier.yaml --dot --json')).code).toBe(2);
    expect((await sandbox.run('group examples/three-tier.yaml --k 0')).stderr).toContain('must be above zero');
  });
});
