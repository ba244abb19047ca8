import { describe, expect, it } from 'vitest';
import { createScenario } from '../../../src/demo/scenario.ts';
import { demoReport, groupReport } from '../../../src/report/json.ts';
import { domainOutcome, failedOutcome, groupOutcome } from './outcomes.ts';

describe('groupReport', () => {
  it('has exactly the fields that programs were promised', () => {
    const outcome = groupOutcome({ domains: [domainOutcome('web', { verified: true })] });
    expect(groupReport(outcome)).toStrictEqual({
      schema: 1,
      strategy: 'oba+mo',
      outcome: 'committed',
      where: 'destination',
      reason: null,
      error: null,
      linkBytesPerSecond: 50_000_000,
      completionMs: 8200,
      trafficBytes: 420_000_000,
      downtimeMs: 14,
      guestGapMs: 13,
      predicted: null,
      unsynchronisedMs: 3,
      domains: [
        {
          name: 'web',
          kind: 'process',
          engine: 'vmbuddies',
          pages: 32_768,
          rounds: 7,
          sentBytes: 140_000_000,
          completionMs: 8200,
          downtimeMs: 12,
          guestGapMs: 13,
          stopReason: 'converged: round 6 sent 300 pages and 290 were dirtied meanwhile',
          predicted: null,
          verified: true,
          where: 'destination',
          paused: false,
        },
      ],
    });
  });

  it('tells Xen domains from process domains, and which engine moved them', () => {
    const domains = [domainOutcome('db', { kind: 'xen', engine: 'libxenguest' })];
    expect(groupReport(groupOutcome({ domains })).domains).toMatchObject([
      { name: 'db', kind: 'xen', engine: 'libxenguest' },
    ]);
  });

  it('says why a migration failed', () => {
    expect(groupReport(failedOutcome())).toMatchObject({
      outcome: 'failed',
      where: 'source',
      reason: 'web: the connection to 127.0.0.1:7070 broke',
    });
  });

  it('writes an unlimited link as null, since JSON has no infinity', () => {
    const report = groupReport(groupOutcome({ linkBytesPerSecond: Number.POSITIVE_INFINITY }));
    expect(JSON.parse(JSON.stringify(report))).toStrictEqual({ ...report, linkBytesPerSecond: null });
  });
});

describe('demoReport', () => {
  it('has the runs in their order, and what was run', () => {
    const scenario = createScenario({ scale: 1 / 8, linkBytesPerSecond: 50e6, seed: 3 });
    const outcomes = [groupOutcome({ strategy: 'ns' }), groupOutcome()];
    expect(demoReport(scenario, outcomes)).toStrictEqual({
      schema: 1,
      scenario: { scale: 0.125, linkBytesPerSecond: 50_000_000, seed: 3, timeFactor: 8 },
      runs: outcomes.map(groupReport),
    });
  });
});
