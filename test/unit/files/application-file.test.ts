import { describe, expect, it } from 'vitest';
import { parseApplication } from '../../../src/files/application-file.ts';
import { InvalidFileError } from '../../../src/files/invalid-file.ts';

const MiB = 2 ** 20;

function problemsOf(text: string): string[] {
  try {
    parseApplication(text, 'app.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFileError);
    expect(error).toMatchObject({ code: 'ERR_VMBUDDIES_ARGUMENT' });
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('an application file', () => {
  it('says what each domain has, writes and sends, in units or in numbers', () => {
    const text = `
name: shop
domains:
  - { name: web, tier: front, memory: 512MiB, used: 300MiB, dirtyRate: 4096000, wws: 60MiB, noise: 0 }
  - name: db
    memory: 1073741824
    workload: { kind: on-off, wws: 64MiB, hot: 5000, hotWrites: 900/s, coldWrites: 10, low: 0.25, period: 60s }
  - { name: cache, memory: 256MiB, workload: { kind: idle } }
flows:
  - { from: web, to: db, rate: 8Mbit/s }`;
    expect(parseApplication(text, 'app.yaml')).toEqual({
      name: 'shop',
      domains: [
        {
          name: 'web',
          tier: 'front',
          memoryBytes: 512 * MiB,
          usedBytes: 300 * MiB,
          noise: 0,
          workload: {
            kind: 'steady',
            usedBytes: 300 * MiB,
            wwsBytes: 60 * MiB,
            hotBytes: 0,
            hotWritesPerSecond: 0,
            coldWritesPerSecond: 1000,
            lowLevel: 1,
            periodMs: 0,
            phase: 0,
          },
        },
        {
          name: 'db',
          tier: 'db',
          memoryBytes: 1024 * MiB,
          usedBytes: null,
          noise: 0.1,
          workload: {
            kind: 'on-off',
            usedBytes: 1024 * MiB,
            wwsBytes: 64 * MiB,
            hotBytes: 8192,
            hotWritesPerSecond: 900,
            coldWritesPerSecond: 10,
            lowLevel: 0.25,
            periodMs: 60_000,
            phase: 0,
          },
        },
        {
          name: 'cache',
          tier: 'cache',
          memoryBytes: 256 * MiB,
          usedBytes: null,
          noise: 0.1,
          workload: expect.objectContaining({ kind: 'idle', wwsBytes: 0, coldWritesPerSecond: 0 }),
        },
      ],
      flows: [{ from: 'web', to: 'db', bytesPerSecond: 1e6 }],
    });
  });

  it('takes what measuring prints: pages, pages per second, and the rate of pages that are written once', () => {
    const measured = 'dirtyRate: 609 pages/s, wws: 1024 pages, coldRate: 12 pages/s';
    const text = `domains:\n  - { name: db, memory: 64MiB, used: 32MiB, ${measured} }`;
    expect(parseApplication(text, 'app.yaml').domains[0]!.workload).toMatchObject({
      kind: 'steady',
      wwsBytes: 32 * MiB,
      hotBytes: 4 * MiB,
      hotWritesPerSecond: 609,
      coldWritesPerSecond: 12,
    });
  });

  it('takes a recorded trace, and an on-off workload whose levels last differently long', () => {
    const writes = 'wws: 8MiB, hot: 1MiB, hotWrites: 900 pages/s, coldWrites: 10/s';
    const levelsOf = (workload: string) =>
      parseApplication(`domains:\n  - { name: db, memory: 64MiB, workload: { ${workload} } }`, 'app.yaml').domains[0]!
        .workload;
    expect(levelsOf(`kind: trace, ${writes}, levels: [[2s, 1], [500ms, 0.25]], phase: 0.5`)).toMatchObject({
      kind: 'trace',
      hotWritesPerSecond: 900,
      lowLevel: 0.25,
      periodMs: 2500,
      phase: 0.5,
      levels: [
        { seconds: 2, level: 1 },
        { seconds: 0.5, level: 0.25 },
      ],
    });
    expect(levelsOf(`kind: on-off, ${writes}, low: 0.1, duty: 0.25, period: 8s`)).toMatchObject({
      kind: 'trace',
      levels: [
        { seconds: 2, level: 1 },
        { seconds: 6, level: 0.1 },
      ],
    });
  });

  it('has no ceiling for memory but that its bytes can be counted', () => {
    const domainOf = (memory: string) =>
      parseApplication(`domains: [{ name: db, memory: ${memory}, workload: { kind: idle } }]`, 'app.yaml').domains[0]!;
    expect(domainOf('64TiB').memoryBytes).toBe(2 ** 46);
    expect(domainOf('4000TiB').memoryBytes).toBe(4000 * 2 ** 40);
    expect(() => domainOf('1e300')).toThrow('app.yaml:1:31: domains[0].memory: is larger than any memory');
  });

  it('finds fifty thousand unknown keys, each at its place, before the test runs out of time', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `key${index}: 1`);
    const problems = problemsOf(`domains: [{ name: db, memory: 1GiB, workload: { kind: idle } }]\n${keys.join('\n')}`);
    expect(problems.at(-1)).toBe('and 49950 more problems');
    expect(problems[49]).toBe("app.yaml:51:1: there is no key 'key49' here; there are name, domains, flows");
  });

  it('tells all that is wrong at once, each with its line, its column, and what may have been meant', () => {
    const text = `name: shop
domains:
  - name: web
    memry: 1GiB
    used: 2GB
  - name: web
    memory: 256Mb
    dirtyRate: 5Mb/s
    wws: 1GiB
  - &db
    name: db
    memory: 1GiB
    workload: { kind: onoff, wws: 3 }
  - { name: x, memory: 1GiB, used: 100MiB, workload: { kind: steady, wws: 200MiB, low: 3 } }
  - 7
flow: []
flows:
  - { from: web, to: bd, rate: 1 }
  - { from: web, to: web, rate: -1 }
  - { from: web, too: web, rate: 3 }
`;
    expect(problemsOf(text)).toEqual([
      'app.yaml:3:5: domains[0].memory: is missing',
      "app.yaml:4:5: domains[0]: there is no key 'memry' here; did you mean memory?",
      'app.yaml:6:11: domains[1].name: domains[0] is web already',
      "app.yaml:8:16: domains[1].dirtyRate: '5Mb/s' can mean bits or bytes; write Mbit/s or MB/s",
      "app.yaml:13:23: domains[2].workload.kind: 'onoff' is not known; did you mean on-off?",
      'app.yaml:14:75: domains[3].workload.wws: is more than the guest uses',
      "app.yaml:14:83: domains[3].workload: there is no key 'low' here; there are kind, wws, hot, hotWrites, coldWrites",
      'app.yaml:15:5: domains[4]: must be a map of keys and values',
      "app.yaml:16:1: there is no key 'flow' here; did you mean flows?",
      "app.yaml:18:22: flows[0].to: there is no domain 'bd'; did you mean db?",
      'app.yaml:19:5: flows[1]: web sends to itself, which never crosses a link',
      'app.yaml:19:33: flows[1].rate: must be at least 0',
      'app.yaml:20:5: flows[2].to: is missing',
      "app.yaml:20:18: flows[2]: there is no key 'too' here; did you mean to?",
    ]);
  });

  const domain = (rest: string) => `domains:\n  - { name: db, memory: 1GiB, ${rest} }`;
  it.each<[string, string]>([
    [domain('used: 2GiB, dirtyRate: 1MB/s, wws: 1MiB'), '2:37: domains[0].used: is more than memory'],
    [domain('used: 100MiB, dirtyRate: 1MB/s, wws: 1GiB'), '2:68: domains[0].wws: is more than the guest uses'],
    [domain('dirtyRate: 1MB/s'), '2:5: domains[0]: a dirtyRate needs wws, the working set'],
    [domain('used: 1MiB'), '2:5: domains[0]: nothing says what it writes: give dirtyRate and wws, or a workload'],
    [domain('dirtyRate: unlimited, wws: 1MiB'), '2:42: domains[0].dirtyRate: must be limited, to at most 1000TB/s'],
    [
      domain('wws: 1MiB, workload: { kind: idle }'),
      '2:36: domains[0].wws: has no meaning beside workload: it belongs into it',
    ],
    [domain('workload: { kind: steady, wws: 2GiB }'), '2:62: domains[0].workload.wws: is more than the guest uses'],
    [domain('workload: { kind: steady, wws: 1MiB, hot: 2MiB }'), '2:73: domains[0].workload.hot: is more than wws'],
    [
      domain('workload: { kind: steady, wws: 1MiB, hotWrites: 1/s }'),
      '2:79: domains[0].workload.hotWrites: needs a hot part',
    ],
    [
      domain('workload: { kind: steady, wws: 1MiB, hot: 1MiB, coldWrites: 1/s }'),
      '2:91: domains[0].workload.coldWrites: needs a working set that is not all hot',
    ],
    [
      domain('workload: { kind: waves, wws: 1MiB, period: 0s }'),
      '2:75: domains[0].workload.period: must be from 1ms to a year, 8784h',
    ],
    [
      domain('workload: { wws: 1MiB }'),
      '2:41: domains[0].workload.kind: is missing; there are idle, steady, on-off, waves, trace',
    ],
    [
      domain('dirtyRate: [1], wws: 1'),
      '2:42: domains[0].dirtyRate: must be a rate such as 40Mbit/s, or a number of bytes per second',
    ],
    ['domains: []', '1:10: domains: must have at least 1'],
    [
      'domains:\n  - { name: "a b", memory: 1m, workload: { kind: idle } }',
      '2:13: domains[0].name: must begin with a letter or a digit, followed by up to 63 of those and . _ -',
    ],
    [
      'domains:\n  - { name: a, memory: 4k, workload: { kind: idle } }',
      '2:24: domains[0].memory: must be at least 1MiB',
    ],
    ['', '1:1: must be a map of keys and values'],
    ['just words', '1:1: must be a map of keys and values'],
  ])('finds what is wrong in %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([`app.yaml:${problem}`]);
  });

  it('may name what it repeats, and problems are then found where they were written', () => {
    const shared =
      'domains:\n  - { name: a, memory: 1GiB, workload: &w { kind: idle } }\n  - { name: b, memory: 1GiB, workload: *w }';
    expect(parseApplication(shared, 'app.yaml').domains[1]!.workload.kind).toBe('idle');
    expect(problemsOf(shared.replace('idle', 'idel'))).toEqual([
      "app.yaml:2:51: domains[0].workload.kind: 'idel' is not known; did you mean idle?",
      "app.yaml:2:51: domains[1].workload.kind: 'idel' is not known; did you mean idle?",
    ]);
  });
});
