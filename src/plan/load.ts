import { decideBalloon } from '../balloon/decide.ts';
import { DirtyProfile } from '../measure/profile.ts';
import { type DomainLoad, pageBytes } from '../model/load.ts';
import type { PlannedDomain } from './application.ts';
import { dirtyBytesAfter, writtenParts } from './dirtying.ts';

/** What a domain has to send at first: its memory, less what is given back before it moves. */
export function presentBytes({ memoryBytes, usedBytes }: PlannedDomain): number {
  if (usedBytes === null) return memoryBytes;
  return decideBalloon({ presentBytes: memoryBytes, usedBytes }).targetBytes ?? memoryBytes;
}

/**
 * What the cost model would know of domains that share a link, had their guests been watched for as long as the first
 * round takes, in which all their memory is sent.
 */
export function loadsOf(domains: readonly PlannedDomain[], linkBytesPerSecond: number): DomainLoad[] {
  const present = domains.map(presentBytes);
  const horizonSeconds = present.reduce((sum, bytes) => sum + bytes, 0) / linkBytesPerSecond;
  return domains.map(({ workload }, index) => {
    const memoryBytes = present[index]!;
    const parts = writtenParts(workload);
    const points = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map((share) => {
      const seconds = share * horizonSeconds;
      return { seconds, dirtyPages: dirtyBytesAfter(parts, seconds) / pageBytes };
    });
    return { memoryBytes, ...new DirtyProfile(points).estimate(memoryBytes, horizonSeconds) };
  });
}
