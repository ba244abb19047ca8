import type { Division } from '../strategy/division.ts';
import type { Member } from './member.ts';

/** A new division is put in force only if some rate changes by more than this share. */
const leastChange = 0.02;

/**
 * Divides the link anew between the members that have not ended, and returns the rates of those that shall send, or null
 * when what is in force is as good. A member that is new to the link makes a division worth while by itself.
 */
export function newRates(
  members: readonly Member[],
  division: Division,
  linkBytesPerSecond: number,
): Map<Member, number> | null {
  const active = members.filter((member) => !member.ended);
  const totalBytes = members.reduce((sum, { presentBytes }) => sum + presentBytes, 0);
  const shares = division(
    active.map((member) => member.view(totalBytes / linkBytesPerSecond)),
    linkBytesPerSecond,
  );
  const rates = new Map<Member, number>();
  for (const [at, member] of active.entries()) {
    const share = shares[at] ?? null;
    if (share !== null) rates.set(member, share);
  }
  const isNews = ([{ bytesPerSecond: before }, rate]: [Member, number]): boolean =>
    before === null || Math.abs(rate - before) > leastChange * before;
  return [...rates].some(isNews) ? rates : null;
}
