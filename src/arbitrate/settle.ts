import type { SettlingTerms } from '../strategy/strategy.ts';

/** A waiting domain as the step before the first barrier sees it. */
export interface WaitingDomain {
  /** What its final copy would send now. */
  readonly finalBytes: number;
  /** How often it has caught up already. */
  readonly catchUps: number;
  /** What is dirty so long after the log was cleaned, as measured. */
  dirtyAfter(seconds: number): number;
  /** What so many seconds from now will have added to what its final copy would send. */
  stalesBy(seconds: number): number;
}

/**
 * While one catches up the others go stale, which they may yet catch up with in their turn: so much of it counts.
 * Measured, as docs/decisions.md shows.
 */
const lastingStaleness = 0.5;

/**
 * When all domains wait, the one that was first has gone stale. Sending its dirty pages once more, at the whole link,
 * takes F/B and leaves D(F/B) to the final copy in place of F, and to the others what they dirty meanwhile. Returns the
 * domain for which that saves most, or null when for none it is worth the time. Pure.
 */
export function nextToCatchUp<Domain extends WaitingDomain>(
  domains: readonly Domain[],
  linkBytesPerSecond: number,
  { leastGain, leastShareOfPause, mostCatchUps }: SettlingTerms,
): Domain | null {
  const pauseBytes = domains.reduce((sum, { finalBytes }) => sum + finalBytes, 0);
  let best: { domain: Domain; savedBytes: number } | null = null;
  for (const domain of domains) {
    const { finalBytes, catchUps } = domain;
    const seconds = finalBytes / linkBytesPerSecond;
    const staleBytes = domains.reduce((sum, other) => (other === domain ? sum : sum + other.stalesBy(seconds)), 0);
    const savedBytes = finalBytes - domain.dirtyAfter(seconds) - lastingStaleness * staleBytes;
    const leastSavedBytes = Math.max(leastGain * finalBytes, leastShareOfPause * pauseBytes);
    if (catchUps >= mostCatchUps || savedBytes < leastSavedBytes || savedBytes === 0) continue;
    if (best === null || savedBytes > best.savedBytes) best = { domain, savedBytes };
  }
  return best?.domain ?? null;
}
