import { allocateFinalCopy } from '../allocate/final-copy.ts';
import type { GroupMember } from './division.ts';

/** In bytes per second: a page. A rate of zero would stop a domain for good. */
export const leastRate = 4096;

/** {@link leastRate}, or less where so many of those would take more than half of a very slow link. */
export function leastRateOn(link: number, count: number): number {
  return Math.min(leastRate, link / (2 * Math.max(count, 1)));
}

/** The group has begun its final copies. */
export function isFinal(members: readonly GroupMember[]): boolean {
  return members.some(({ state }) => state === 'stopping' || state === 'prepared');
}

/** Once suspended, rates in proportion to what is left end all pauses together, after Σ left / link. */
export function finalDivision(members: readonly GroupMember[], link: number): (number | null)[] {
  const left = members.map(({ state, finalBytes }) =>
    state === 'stopping' || state === 'waiting' ? finalBytes : null,
  );
  const sending = left.filter((bytes) => bytes !== null);
  const rates = sending.length > 0 ? allocateFinalCopy(sending, link) : [];
  let next = 0;
  return left.map((bytes) => (bytes === null ? null : rates[next++]!));
}

/** What those that wait get, and whoever catches up; null for the others. */
export function waitingShares(
  members: readonly GroupMember[],
  link: number,
  mostForWaiting: number,
): (number | null)[] {
  const wanted = members.map(({ state, load, catchingUp }) =>
    state === 'waiting' && !catchingUp ? load.dirtyBytesPerSecond : null,
  );
  const scale = Math.min(1, (link * mostForWaiting) / Math.max(sum(wanted), 1));
  const least = leastRateOn(link, members.length);
  const shares = wanted.map((rate) => (rate === null ? null : Math.max(rate * scale, least)));
  const rest = link - sum(shares);
  return shares.map((share, index) => (members[index]!.catchingUp ? rest : share));
}

/** Null counts as nothing. */
export function sum(amounts: readonly (number | null)[]): number {
  return amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0);
}
