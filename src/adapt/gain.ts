import type { ModelOptions } from '../model/load.ts';
import { predictMigration } from '../model/predict.ts';
import type { GroupMember } from '../strategy/division.ts';

/** A new division is put in force only if it is predicted to bring the end nearer by this share of the time left. */
const leastGain = 0.02;

/**
 * Whether dividing the link anew is worth it (§3.4 divides anew at every change). A better answer to noise is no better
 * answer, and a rate that moves all the time is one that no prediction can hold. Rates are those of the members, in
 * bytes per second, null for one that sends nothing.
 */
export function isWorthwhile(
  members: readonly GroupMember[],
  before: readonly (number | null)[],
  after: readonly (number | null)[],
  options: ModelOptions = {},
): boolean {
  return secondsLeft(members, after, options) < (1 - leastGain) * secondsLeft(members, before, options);
}

/**
 * Until the last member has done what the division is for: its migration by the cost model, its catching up, or its
 * final copy. Infinity if one that has something to send has no rate to send it at.
 */
export function secondsLeft(
  members: readonly GroupMember[],
  rates: readonly (number | null)[],
  options: ModelOptions = {},
): number {
  return Math.max(0, ...members.map((member, index) => secondsOf(member, rates[index] ?? null, options)));
}

function secondsOf(member: GroupMember, rate: number | null, options: ModelOptions): number {
  const { state, load, finalBytes, catchingUp } = member;
  const copies = state === 'idle' || state === 'precopy';
  if (copies && rate !== null) return predictMigration(load, rate, options).completionSeconds;
  const bytes = state === 'stopping' || catchingUp ? finalBytes : 0;
  return bytes > 0 ? bytes / (rate ?? 0) : 0;
}
