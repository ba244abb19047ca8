import type { SimulatedEvent } from '../simulate/simulation.ts';
import { type Tier, tiers } from './paper.ts';

/** How things stand from `fromSeconds` on, until the next moment. */
export interface Moment {
  readonly fromSeconds: number;
  /** The tiers that run at the destination. */
  readonly moved: ReadonlySet<Tier>;
  /** The tiers whose dirty log is on. */
  readonly migrating: ReadonlySet<Tier>;
  /** At least one tier stands still: nothing is served. */
  readonly suspended: boolean;
}

/** What a migration's events mean to the application. `beginsAtSeconds` is when the group was told to move. */
export function momentsOf(events: readonly SimulatedEvent[], beginsAtSeconds: number): Moment[] {
  const moved = new Set<Tier>();
  const migrating = new Set<Tier>();
  const suspended = new Set<Tier>();
  const moments: Moment[] = [];
  for (const { atMs, event } of events) {
    if (event.type !== 'state') continue;
    const tier = tiers.find((name) => name === event.domain)!;
    if (event.state === 'precopy') migrating.add(tier);
    if (event.state === 'stopping') suspended.add(tier);
    if (event.state === 'committed') moved.add(tier);
    if (event.state === 'committed' || event.state === 'aborted') {
      migrating.delete(tier);
      suspended.delete(tier);
    }
    moments.push({
      fromSeconds: beginsAtSeconds + atMs / 1000,
      moved: new Set(moved),
      migrating: new Set(migrating),
      suspended: suspended.size > 0,
    });
  }
  return moments;
}
