import type { PlannedApplication, PlannedDomain } from '../../../src/plan/application.ts';

export const MiB = 2 ** 20;

/** Steady writes at random over its working set: d and W are all there is to know. */
export function steadyDomain(
  name: string,
  change: Partial<PlannedDomain> & { d?: number; W?: number } = {},
): PlannedDomain {
  const { d = 2e6, W = 64 * MiB, ...rest } = change;
  return {
    name,
    tier: name,
    memoryBytes: 512 * MiB,
    usedBytes: null,
    noise: 0,
    workload: {
      kind: 'steady',
      usedBytes: 512 * MiB,
      wwsBytes: W,
      hotBytes: 0,
      hotWritesPerSecond: 0,
      coldWritesPerSecond: d / 4096,
      lowLevel: 1,
      periodMs: 0,
      phase: 0,
    },
    ...rest,
  };
}

export function applicationOf(...domains: PlannedDomain[]): PlannedApplication {
  return { name: 'test', domains, flows: [] };
}
