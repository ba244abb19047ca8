import { describe, expect, it } from 'vitest';
import { readApplicationFile } from '../../../src/files/read-file.ts';
import { groupApplication } from '../../../src/plan/group-application.ts';
import { groupsGraph } from '../../../src/report/graphviz.ts';
import { applicationOf, MiB, steadyDomain } from './applications.ts';

const linkBytesPerSecond = 50e6;
const example = (name: string) =>
  readApplicationFile(new URL(`../../../examples/${name}.yaml`, import.meta.url).pathname);

describe('groupApplication', () => {
  it('weighs idle domains by their memory, and gives a group the time that this takes', () => {
    const idle = (name: string) => steadyDomain(name, { d: 0 });
    const plan = groupApplication(applicationOf(idle('a'), idle('b'), idle('c')), {
      limit: { groups: 3 },
      linkBytesPerSecond,
    });
    expect(plan.steps.map(({ migrationBytes }) => migrationBytes)).toEqual([512 * MiB, 512 * MiB, 512 * MiB]);
    expect(plan.seconds).toBeCloseTo((3 * 512 * MiB) / linkBytesPerSecond, 6);
    expect(plan.replicas).toBeNull();
  });

  it('cuts a workflow where little is sent, and moves last who sends least to the others', async () => {
    const plan = groupApplication(await example('workflow'), { limit: { groups: 3 }, linkBytesPerSecond });
    expect(plan.steps.map(({ domains }) => domains)).toEqual([
      ['gateway', 'orders', 'orders-rules', 'orders-db'],
      ['reports', 'archive'],
      ['stock', 'stock-rules', 'stock-db'],
    ]);
    expect(plan).toMatchObject({ cutBytesPerSecond: 800e3, cutIsOptimal: true, orderIsOptimal: true });
    expect(plan.splitBytes).toBeLessThan(plan.oneByOne.splitBytes);
    expect(plan.allAtOnce.splitBytes).toBe(0);
  });

  it('keeps a replica of each tier on either side', async () => {
    const { replicas } = groupApplication(await example('replicated-tiers'), {
      limit: { maxParallel: 4 },
      linkBytesPerSecond,
    });
    expect(replicas).toMatchObject({
      bothSidesServe: true,
      groups: [['web1', 'app1', 'db1'], ['db3'], ['app3'], ['db4'], ['web2', 'app2', 'db2']],
    });
    expect(replicas!.seconds).toBeGreaterThan(0);
  });

  it('refuses more groups than domains', () => {
    const two = applicationOf(steadyDomain('a'), steadyDomain('b'));
    expect(() => groupApplication(two, { limit: { groups: 3 }, linkBytesPerSecond })).toThrow(
      expect.objectContaining({
        code: 'ERR_VMBUDDIES_ARGUMENT',
        message: 'groups must be an integer in [1, 2], not 3',
      }),
    );
  });
});

describe('groupsGraph', () => {
  it('draws each group as a cluster, and dashes what is split', () => {
    const step = { migrationBytes: 1, splitBytesPerSecond: 0 };
    const graph = groupsGraph(
      'shop',
      [
        { ...step, domains: ['web', 'app'], seconds: 12 },
        { ...step, domains: ['db'], seconds: 30 },
      ],
      [
        { from: 'web', to: 'app', bytesPerSecond: 5e6 },
        { from: 'app', to: 'db', bytesPerSecond: 125e3 },
      ],
    );
    expect(graph.split('\n')).toEqual([
      'digraph "shop" {',
      '  rankdir=LR;',
      '  node [shape=box];',
      '  subgraph cluster_0 {',
      '    label="1: 12 s";',
      '    "web";',
      '    "app";',
      '  }',
      '  subgraph cluster_1 {',
      '    label="2: 30 s";',
      '    "db";',
      '  }',
      '  "web" -> "app" [label="40 Mbit/s"];',
      '  "app" -> "db" [label="1 Mbit/s", style=dashed];',
      '}',
    ]);
  });
});
