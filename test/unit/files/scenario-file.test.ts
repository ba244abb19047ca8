import { describe, expect, it } from 'vitest';
import { InvalidFileError } from '../../../src/files/invalid-file.ts';
import { parseScenario, type ReadApplication } from '../../../src/files/scenario-file.ts';
import { VmbuddiesError } from '../../../src/index.ts';
import type { Scenario } from '../../../src/plan/scenario.ts';

const files: Record<string, string> = {
  'pair.yaml': `domains:
  - { name: web, memory: 1GiB, workload: { kind: idle } }
  - { name: db, memory: 1GiB, workload: { kind: idle } }`,
  'broken.yaml': 'domains:\n  - { name: web, memry: 1GiB }',
};

const read: ReadApplication = async (name) => {
  const text = files[name];
  if (text === undefined) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${name} cannot be read: no such file`);
  return { file: name, text };
};

async function problemsOf(text: string): Promise<string[]> {
  const error = await parseScenario(text, 's.yaml', read).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InvalidFileError);
  return (error as Error).message.split('\n');
}

const parse = (text: string): Promise<Scenario> => parseScenario(text, 's.yaml', read);

describe('a scenario file', () => {
  it('needs an application and a link, and has a default for everything else', async () => {
    const scenario = await parse('application: pair.yaml\nlink: 40Mbit/s');
    expect(scenario).toEqual({
      application: expect.objectContaining({ name: 'application' }),
      linkBytesPerSecond: 5e6,
      latencyMs: 0,
      loss: 0,
      strategies: ['turns'],
      startAtMs: 0,
      faults: [],
      seed: 1,
      runs: 1,
    });
    expect(scenario.application.domains.map(({ name }) => name)).toEqual(['web', 'db']);
  });

  it('may contain its application, and every kind of fault', async () => {
    const scenario = await parse(`
application: { name: one, domains: [{ name: web, memory: 1GiB, workload: { kind: idle } }] }
link: 5000000
latency: 20ms
loss: 0.01
strategies: [ns, oba+mo]
stopRule: downtime
maxDowntime: 300ms
profile: 1s
startAt: 1min
seed: 7
runs: 3
faults:
  - { type: link-cut, at: 30s }
  - { type: guest-dies, domain: web, when: { domain: web, state: stopping } }
  - { type: confirmation-lost, domain: web }
  - { type: journal-full, record: COMMIT }`);
    expect(scenario).toMatchObject({
      application: { name: 'one' },
      linkBytesPerSecond: 5e6,
      latencyMs: 20,
      loss: 0.01,
      strategies: ['ns', 'oba+mo'],
      stopRule: 'downtime',
      maxDowntimeMs: 300,
      profileMs: 1000,
      startAtMs: 60_000,
      seed: 7,
      runs: 3,
      faults: [
        { type: 'link-cut', atMs: 30_000 },
        { type: 'guest-dies', domain: 'web', when: { domain: 'web', state: 'stopping' } },
        { type: 'confirmation-lost', domain: 'web' },
        { type: 'journal-full', record: 'COMMIT' },
      ],
    });
  });

  it('tells its own problems and its application’s at once, each in its file', async () => {
    const text = `application: broken.yaml
link: unlimited
strategies: [ns, ns]
faults:
  - { type: link-cut }
  - { type: power-cut }
seed: -1
`;
    expect(await problemsOf(text)).toEqual([
      's.yaml:2:7: link: must be limited, from 1B/s to 1000TB/s',
      's.yaml:3:13: strategies: names a strategy twice',
      's.yaml:5:5: faults[0]: happens either at a time or when a state is entered',
      expect.stringMatching(/^s\.yaml:6:13: faults\[1\]\.type: 'power-cut' is not known; there are link-cut, /),
      's.yaml:7:7: seed: must be at least 0',
      'broken.yaml:2:5: domains[0].memory: is missing',
      "broken.yaml:2:18: domains[0]: there is no key 'memry' here; did you mean memory?",
    ]);
  });

  it('finds what is wrong inside an application that stands in it', async () => {
    const text = `link: 1MB/s
application:
  domains: [{ name: web, memory: 1, workload: { kind: idle } }]
  flows: [{ from: web, to: wbe, rate: 1 }]`;
    expect(await problemsOf(text)).toEqual([
      's.yaml:3:34: application.domains[0].memory: must be at least 1MiB',
      "s.yaml:4:28: application.flows[0].to: there is no domain 'wbe'; did you mean web?",
    ]);
  });

  it.each([
    ['link: 1MB/s', ['s.yaml:1:1: application: is missing']],
    [
      'application: 5\nlink: 1MB/s',
      ['s.yaml:1:14: application: must be the path of an application file, or an application'],
    ],
    ['application: {}\nlink: 1MB/s', ['s.yaml:1:14: application.domains: is missing']],
    ['application: gone.yaml\nlink: 1MB/s', ['s.yaml:1:14: application: gone.yaml cannot be read: no such file']],
    [
      'application: pair.yaml\nlink: 1MB/s\nstrategies: [oba-mo]',
      ["s.yaml:3:14: strategies[0]: 'oba-mo' is not known; did you mean oba+mo?"],
    ],
    [
      'application: pair.yaml\nlink: 1MB/s\nfaults: [{ type: copy-dies, domain: bd, when: { domain: app, state: waiting } }]',
      [
        "s.yaml:3:37: faults[0].domain: there is no domain 'bd'; did you mean db?",
        "s.yaml:3:57: faults[0].when.domain: there is no domain 'app'; there are web, db",
      ],
    ],
  ])('finds what is wrong in %j', async (text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });
});
