import { type Division, type GroupMember, paperTerms } from './division.ts';
import { finalDivision, isFinal, leastRateOn, sum, waitingShares } from './shares.ts';

/**
 * The whole link to one domain at a time: first everybody's memory, in Smith's order; then whatever has the most left to
 * send, until each has converged.
 *
 * A domain k that has been sent goes stale at d_k while those after it are sent. The order that makes the sum of it all,
 * Σ d_k · Σ_later M_j / B, least is that of rising d/M (W. E. Smith, "Various optimizers for single-stage production",
 * 1956).
 *
 * Two domains that share the link both take as long as the two in turn, and both go stale all that time. In turn, the
 * first is done with half the dirt, and goes stale only while the second is sent. So turns mostly send less in less
 * time than a division does (docs/decisions.md has the figures); what has gone stale is caught up with at the end
 * (settle.ts).
 */
export const inTurns: Division = (members, link, { mostForWaiting } = paperTerms) => {
  if (isFinal(members)) return finalDivision(members, link);
  const least = leastRateOn(link, members.length);
  const rates = waitingShares(members, link, mostForWaiting).map((share, index) =>
    members[index]!.state === 'precopy' ? least : share,
  );
  const next = nextTurn(members);
  if (next === null) return rates;
  rates[next] = 0;
  rates[next] = link - sum(rates);
  return rates;
};

/** Smith's ratio: how fast the domain goes stale, per byte that it keeps the others waiting for. */
function stalenessPerByte({ load: { dirtyBytesPerSecond, remainingBytes } }: GroupMember): number {
  return dirtyBytesPerSecond / Math.max(remainingBytes, 1);
}

/** Index of the domain whose turn it is; null if none has anything left to send but what it gathers while it waits. */
function nextTurn(members: readonly GroupMember[]): number | null {
  const copying = members
    .map((member, index) => ({ member, index }))
    .filter(({ member }) => member.state === 'idle' || member.state === 'precopy');
  const unsent = copying
    .filter(({ member }) => !member.sentOnce)
    .sort((a, b) => stalenessPerByte(a.member) - stalenessPerByte(b.member));
  // Whoever has begun goes on: a round that lies about half done goes stale too.
  const first = unsent.find(({ member }) => member.state === 'precopy') ?? unsent[0];
  if (first !== undefined) return first.index;
  const largest = copying.sort((a, b) => b.member.load.remainingBytes - a.member.load.remainingBytes)[0];
  return largest?.index ?? null;
}
