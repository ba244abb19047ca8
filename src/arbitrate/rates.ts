import type { Adaptation } from '../adapt/adaptation.ts';
import { isWorthwhile } from '../adapt/gain.ts';
import type { Clock } from '../measure/clock.ts';
import type { GroupMember } from '../strategy/division.ts';
import type { Strategy } from '../strategy/strategy.ts';

/** What gives occasion to divide the link: something has happened, or a window of fixed length has ended. */
export type Occasion = 'event' | 'window';

/** What the division of the link looks at in a domain of the group: a member, or one that a forecast moves. */
export interface RatedMember {
  readonly name: string;
  readonly ended: boolean;
  readonly presentBytes: number;
  readonly leftBytes: number;
  readonly bytesPerSecond: number | null;
  view(horizonSeconds: number, leftSeconds?: () => number): GroupMember;
}

/** Divides the link between the members of a group, and holds on to a division until another is worth it. */
export class Rates {
  readonly #strategy: Pick<Strategy, 'division' | 'terms'>;
  readonly #adaptation: Adaptation;
  #madeFor = '';

  constructor(strategy: Pick<Strategy, 'division' | 'terms'>, adaptation: Adaptation) {
    this.#strategy = strategy;
    this.#adaptation = adaptation;
  }

  /**
   * The rates of those that shall send, or null while what is in force is good enough. A link or a state that has changed
   * makes a division necessary by itself: somebody has to begin, or has left something over.
   */
  next<Member extends RatedMember>(
    members: readonly Member[],
    linkBytesPerSecond: number,
    occasion: Occasion,
  ): Map<Member, number> | null {
    const { division, terms } = this.#strategy;
    const active = members.filter((member) => !member.ended);
    const seconds = (bytes: (member: Member) => number) =>
      members.reduce((sum, member) => sum + bytes(member), 0) / linkBytesPerSecond;
    const horizonSeconds = seconds(({ presentBytes }) => presentBytes);
    let left: number | null = null;
    const leftSeconds = () => {
      left ??= seconds(({ leftBytes }) => leftBytes);
      return left;
    };
    const views = active.map((member) => member.view(horizonSeconds, leftSeconds));
    const after = division(views, linkBytesPerSecond, terms);
    const madeFor = JSON.stringify([
      linkBytesPerSecond,
      ...active.map(({ name }, at) => [name, views[at]!.state, views[at]!.catchingUp, after[at] === null]),
    ]);
    if (madeFor === this.#madeFor) {
      if (this.#adaptation !== 'phases' && occasion === 'event') return null;
      const before = active.map(({ bytesPerSecond }) => bytesPerSecond);
      if (after.every((rate, at) => rate === null || rate === before[at])) return null;
      if (this.#adaptation === 'phases' && !isWorthwhile(views, before, after, terms.model)) return null;
    }
    this.#madeFor = madeFor;
    return new Map(active.flatMap((member, at) => (after[at] === null ? [] : [[member, after[at]!] as const])));
  }
}

/** Turns once at the end of each window until the group has ended; not at all where there are none. */
export async function* windowEnds(
  { adaptation, clock }: { readonly adaptation: Adaptation; readonly clock: Clock },
  ended: AbortSignal,
): AsyncGenerator<void> {
  while (adaptation !== 'phases' && !ended.aborted) {
    await clock.pause(adaptation.windowMs, ended).catch((error: unknown) => {
      if (!ended.aborted) throw error;
    });
    if (!ended.aborted) yield;
  }
}
