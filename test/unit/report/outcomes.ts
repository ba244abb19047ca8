import { type GroupOutcome, VmbuddiesError } from '../../../src/index.ts';

type DomainOutcome = GroupOutcome['domains'][number];

export function domainOutcome(name: string, change: Partial<DomainOutcome> = {}): DomainOutcome {
  return {
    name,
    kind: 'process',
    engine: 'vmbuddies',
    pages: 32_768,
    rounds: 7,
    sentBytes: 140_000_000,
    completionMs: 8200,
    downtimeMs: 12,
    guestGapMs: 13,
    stopReason: 'converged: round 6 sent 300 pages and 290 were dirtied meanwhile',
    where: 'destination',
    paused: false,
    predicted: null,
    verified: null,
    ...change,
  };
}

/** A group of web, app and db that moved; `change` makes another ending of it. */
export function groupOutcome(change: Partial<GroupOutcome> = {}): GroupOutcome {
  return {
    strategy: 'oba+mo',
    outcome: 'committed',
    where: 'destination',
    reason: null,
    error: null,
    refused: false,
    linkBytesPerSecond: 50_000_000,
    completionMs: 8200,
    trafficBytes: 420_000_000,
    downtimeMs: 14,
    guestGapMs: 13,
    unsynchronisedMs: 3,
    predicted: null,
    domains: ['web', 'app', 'db'].map((name) => domainOutcome(name)),
    ...change,
  };
}

/** Everybody is at the source again. */
export function failedOutcome(change: Partial<GroupOutcome> = {}): GroupOutcome {
  return groupOutcome({
    outcome: 'failed',
    where: 'source',
    reason: 'web: the connection to 127.0.0.1:7070 broke',
    error: new VmbuddiesError('ERR_VMBUDDIES_PEER', 'the connection to 127.0.0.1:7070 broke'),
    unsynchronisedMs: 0,
    domains: ['web', 'app', 'db'].map((name) => domainOutcome(name, { where: 'source' })),
    ...change,
  });
}
