import type { Adaptation } from '../adapt/adaptation.ts';
import type { EngineOptions } from '../domains/domain.ts';
import type { Clock } from '../measure/clock.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { GroupEvent } from './group-event.ts';
import type { Journal } from './journal.ts';
import type { JournalDestination } from './journal-format.ts';
import type { Member } from './member.ts';

/** What an arbitrator is given to move one group. */
export interface ArbitratorOptions {
  readonly members: readonly Member[];
  /** How the link is divided, and whether domains catch up before the first barrier (settle.ts). */
  readonly strategy: Pick<Strategy, 'division' | 'terms' | 'settling'>;
  readonly adaptation: Adaptation;
  readonly clock: Clock;
  /** Infinity for no limit. */
  readonly linkBytesPerSecond: number;
  readonly engine: EngineOptions;
  readonly journal: Journal;
  /** How the destination was to be trusted: recorded for whoever has to ask it after a crash. */
  readonly trust?: Pick<JournalDestination, 'secretFile' | 'insecure'>;
  /** Abort rather than stop the group for longer than this, predicted or real; null for any pause. */
  readonly maxDowntimeMs: number | null;
  readonly emit: (event: GroupEvent) => void;
}
