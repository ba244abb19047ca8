import { sum } from '../strategy/shares.ts';
import type { SettlingTerms } from '../strategy/strategy.ts';

/** A waiting domain as the step before the first barrier sees it. */
export interface WaitingDomain {
  /** Its memory. */
  readonly presentBytes: number;
  /** What its final copy would send now. */
  readonly finalBytes: number;
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
/** All told, so much of the group's memory may be sent once more. */
const mostAgain = 0.15;

/** Decides who catches up while a group waits. */
export class Settling {
  readonly #terms: SettlingTerms;
  #leastBytes = Number.POSITIVE_INFINITY;
  /** Rounds since the final copies were last that short. */
  #vainRounds = 0;
  #sentBytes = 0;

  constructor(terms: SettlingTerms) {
    this.#terms = terms;
  }

  /** Another that would decide as this one does from now on. */
  copy(): Settling {
    const copy = new Settling(this.#terms);
    copy.#leastBytes = this.#leastBytes;
    copy.#vainRounds = this.#vainRounds;
    copy.#sentBytes = this.#sentBytes;
    return copy;
  }

  /**
   * When all domains wait, the one that was first has gone stale. Sending its dirty pages once more, at the whole link,
   * takes F/B and leaves D(F/B) to the final copy in place of F, and to the others what they dirty meanwhile. Returns
   * the domain for which that saves most, or null when for none it is worth the time, when rounds that each seemed worth
   * it have led nowhere, or when enough has been sent again. To be asked before each round.
   */
  next<Domain extends WaitingDomain>(domains: readonly Domain[], linkBytesPerSecond: number): Domain | null {
    const { leastGain, leastShareOfPause, maxVainRounds } = this.#terms;
    const pauseBytes = sum(domains.map(({ finalBytes }) => finalBytes));
    const memoryBytes = sum(domains.map(({ presentBytes }) => presentBytes));
    this.#vainRounds++;
    if (pauseBytes < this.#leastBytes * (1 - leastGain)) {
      this.#leastBytes = pauseBytes;
      this.#vainRounds = 0;
    }
    if (this.#vainRounds > maxVainRounds * domains.length || this.#sentBytes > mostAgain * memoryBytes) return null;
    let best: { domain: Domain; savedBytes: number } | null = null;
    for (const domain of domains) {
      const { finalBytes } = domain;
      const seconds = finalBytes / linkBytesPerSecond;
      const staleBytes = sum(domains.map((other) => (other === domain ? 0 : other.stalesBy(seconds))));
      const savedBytes = finalBytes - domain.dirtyAfter(seconds) - lastingStaleness * staleBytes;
      const leastSavedBytes = Math.max(leastGain * finalBytes, leastShareOfPause * pauseBytes);
      if (savedBytes < leastSavedBytes || savedBytes === 0) continue;
      if (best === null || savedBytes > best.savedBytes) best = { domain, savedBytes };
    }
    if (best) this.#sentBytes += best.domain.finalBytes;
    return best?.domain ?? null;
  }
}
