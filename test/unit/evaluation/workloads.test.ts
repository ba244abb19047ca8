import { describe, expect, it } from 'vitest';
import {
  memoryBytes,
  tiers,
  users,
  workingSetBytes,
  workingSetSeconds,
  workloadNames,
} from '../../../src/evaluation/paper.ts';
import { evaluationDomains, tierWorkload, watchedMemory } from '../../../src/evaluation/workloads.ts';

const pageBytes = 4096;
const everyGuest = workloadNames.flatMap((workload) => tiers.map((tier) => [workload, tier] as const));

describe.each(everyGuest)('%s, %s', (workload, tier) => {
  const guest = tierWorkload(workload, tier, 1);

  it('shows the working set of Table 2 after four minutes, to a thousandth', () => {
    const memory = watchedMemory(workload, tier);
    memory.clean(0);
    const seen = memory.dirtyPages(workingSetSeconds) * pageBytes;
    expect(seen / workingSetBytes[workload][tier]).toBeCloseTo(1, 3);
  });

  it('is a guest that can be: hot within the working set, that within what is used, that within memory', () => {
    const sizes = [guest.hotBytes, guest.wwsBytes, guest.usedBytes, memoryBytes];
    expect(sizes.toSorted((a, b) => a - b)).toEqual(sizes);
    for (const size of sizes) expect(size % pageBytes).toBe(0);
  });

  it("follows the paper's users", () => {
    const { pattern, most, least, periodSeconds } = users[workload];
    expect(guest).toMatchObject({ kind: pattern, lowLevel: least / most, periodMs: periodSeconds * 1000, phase: 0 });
  });
});

describe('the domains of an experiment', () => {
  it('have seeds of their own and 1 GiB each', () => {
    const domains = evaluationDomains('D&H', 7);
    expect(domains.map(({ name, workload }) => [name, workload.seed])).toEqual([
      ['web', 7],
      ['app', 8],
      ['db', 9],
    ]);
    for (const domain of domains) expect(domain.memoryBytes).toBe(2 ** 30);
  });

  it('write in proportion to the users, so that S&L is a fifth of the peak of D&H', () => {
    for (const tier of tiers) {
      const heavy = tierWorkload('D&H', tier, 1);
      const light = tierWorkload('S&L', tier, 1);
      expect(light.hotWritesPerSecond / heavy.hotWritesPerSecond).toBeCloseTo(0.2, 9);
      expect(light.coldWritesPerSecond / heavy.coldWritesPerSecond).toBeCloseTo(0.2, 9);
    }
  });
});
