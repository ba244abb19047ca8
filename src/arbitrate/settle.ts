import type { SettlingTerms } from '../strategy/strategy.ts';

/** A waiting domain as the step before the first barrier sees it. */
export interface WaitingDomain {
  /** What its final copy would send now. */
  readonly finalBytes: number;
  /** How often it has caught up already. */
  readonly catchUps: number;
  /** What is dirty so long after the log was cleaned, as measured. */
  dirtyAfter(seconds: number): number;
}

/**
 * When all domains wait, the one that was first has gone stale. Sending its dirty pages once more, at the whole link,
 * takes F/B and leaves D(F/B) to the final copy in place of F. Returns the domain for which that saves most, or null
 * when for none it is worth the time. Pure.
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
    const savedBytes = finalBytes - domain.dirtyAfter(finalBytes / linkBytesPerSecond);
    const leastSavedBytes = Math.max(leastGain * finalBytes, leastShareOfPause * pauseBytes);
    if (catchUps >= mostCatchUps || savedBytes < leastSavedBytes || savedBytes === 0) continue;
    if (best === null || savedBytes > best.savedBytes) best = { domain, savedBytes };
  }
  return best?.domain ?? null;
}
