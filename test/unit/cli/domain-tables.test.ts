import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { showDomains } from '../../../src/cli/render/domain-tables.ts';
import type { DomainInfo, ProcessDomainInfo } from '../../../src/index.ts';
import { xenInfo } from './fake-domain.ts';
import { FakeHost } from './fake-host.ts';

function shown(domains: readonly DomainInfo[], terminal = false): string[] {
  const host = new FakeHost({ terminal });
  showDomains(new Cli(host), domains);
  return host.stdout.lines;
}

const web: ProcessDomainInfo = {
  reference: 'process:web',
  name: 'web',
  kind: 'process',
  uuid: '6c3a6b1e-0000-4000-8000-000000000002',
  pid: 4711,
  memoryBytes: 2 ** 28,
  presentBytes: 2 ** 28,
  state: 'running',
  independent: true,
  workload: {
    kind: 'steady',
    seed: 1,
    usedBytes: 0,
    wwsBytes: 0,
    hotBytes: 0,
    hotWritesPerSecond: 0,
    coldWritesPerSecond: 0,
    lowLevel: 0,
    periodMs: 0,
    phase: 0,
  },
  writes: 1234,
  longestStallMs: 0.5,
  lastGapMs: 0,
  longestGapMs: 0,
  corruptPages: 0,
};
const xen = [xenInfo('db'), xenInfo('app--incoming', { domid: 12, type: 'pv', state: 'incoming', cpuSeconds: 0 })];

const xenLines = [
  'NAME           ID  TYPE  STATE      MEMORY  PRESENT  VCPUS  CPU TIME',
  'db              5  pvh   running   128 MiB   96 MiB      1    12.5 s',
  'app--incoming  12  pv    incoming  128 MiB   96 MiB      1      0 ms',
];
const processLines = [
  'NAME  STATE     MEMORY  PRESENT  WORKLOAD  WRITES  LONGEST STALL  CORRUPT',
  'web   running  256 MiB  256 MiB  steady      1234         0.5 ms        0',
];

describe('showDomains', () => {
  it('shows each kind of domain in columns of its own', () => {
    expect(shown([web, ...xen])).toEqual([...xenLines, '', ...processLines]);
  });

  it('shows no table of a kind there is none of', () => {
    expect(shown(xen)).toEqual(xenLines);
    expect(shown([web])).toEqual(processLines);
    expect(shown([])).toEqual([]);
  });

  it('marks lost pages', () => {
    expect(shown([{ ...web, corruptPages: 3 }], true)[1]).toContain('\x1b[31m3\x1b[39m');
  });
});
