import { VmbuddiesError } from '../errors.ts';
import type { DomainPlace, GroupOutcome } from './protocol-messages.ts';

/** A group on its way: plain JSON, never changed, replaced by `step` (protocol.ts). */
export interface GroupState {
  readonly phase: Phase;
  readonly domains: readonly DomainState[];
  /** The longest pause to accept, predicted and real, in milliseconds; null for any. */
  readonly pauseBudgetMs: number | null;
  /** The journal may hold a COMMIT of which nobody has been told. */
  readonly commitMayBeWritten: boolean;
  /** Why the group turns back; null while it does not. */
  readonly reason: string | null;
}

export type Phase =
  | 'precopy'
  | 'predicting'
  | 'recording-stop'
  | 'stopping'
  | 'pledging'
  | 'recording-commit'
  | 'committing'
  | 'recording-abort'
  | 'aborting'
  | 'finished';

/**
 * What is known of one domain. `source`: runs there, over. `unknown`: its migration failed and nobody can say where it
 * runs. `pledged`: prepared, and bound to the decision. `started`: confirmed by the destination. `moved`: and its source destroyed. `left`: and its source still there.
 */
export type Progress =
  | 'precopy'
  | 'waiting'
  | 'prepared'
  | 'pledged'
  | 'unknown'
  | 'source'
  | 'started'
  | 'moved'
  | 'left';

export interface DomainState {
  readonly domain: string;
  readonly progress: Progress;
  readonly reason: string | null;
}

export interface GroupOptions {
  /** Budget for the group's pause in milliseconds, above 0. Without one the pause is neither predicted nor timed. */
  readonly pauseBudgetMs?: number;
}

/** What can become of what is known of a domain. Knowledge only grows: anything else reported is stale. */
export const forward: Readonly<Record<Progress, readonly Progress[]>> = {
  precopy: ['waiting', 'source', 'unknown'],
  waiting: ['prepared', 'source', 'unknown'],
  prepared: ['pledged', 'source', 'unknown'],
  pledged: ['started', 'moved', 'source', 'unknown'],
  unknown: ['started', 'moved', 'source'],
  started: ['moved', 'left'],
  left: ['moved'],
  source: [],
  moved: [],
};

/**
 * A group before its first event. The journal must hold the names (recovery.ts) before any migration is started.
 * Throws ERR_VMBUDDIES_ARGUMENT if there is no domain, a name comes twice, or the budget is not above 0.
 */
export function initialGroup(names: readonly string[], options: GroupOptions = {}): GroupState {
  const { pauseBudgetMs = null } = options;
  if (names.length === 0) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'a group needs at least one domain');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `domain ${twice} is in the group twice`, { domain: twice });
  }
  if (pauseBudgetMs !== null && !(pauseBudgetMs > 0)) {
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `pauseBudgetMs must be above 0, not ${pauseBudgetMs}`);
  }
  return {
    phase: 'precopy',
    domains: names.map((domain) => ({ domain, progress: 'precopy', reason: null })),
    pauseBudgetMs,
    commitMayBeWritten: false,
    reason: null,
  };
}

/** Whether every domain's progress is one of these. */
export const all = (state: GroupState, ...among: Progress[]): boolean =>
  state.domains.every(({ progress }) => among.includes(progress));

/** The state with this domain's progress moved on, or the very same state if that would be no step forward. */
export function mark(state: GroupState, domain: string, progress: Progress, reason: string | null = null): GroupState {
  const known = state.domains.find((entry) => entry.domain === domain);
  if (known === undefined || !forward[known.progress].includes(progress)) return state;
  const changed = { domain, progress, reason: reason ?? (progress === 'source' ? known.reason : null) };
  return { ...state, domains: state.domains.map((entry) => (entry === known ? changed : entry)) };
}

/** Where a domain is, once nothing more is expected of it. */
export function placeOf({ domain, progress, reason }: DomainState): DomainPlace {
  const where = progress === 'source' || progress === 'unknown' ? progress : 'destination';
  return { domain, where, sourceLeft: progress === 'left', reason };
}

export function outcomeOf(places: readonly DomainPlace[]): GroupOutcome {
  if (places.some(({ where }) => where === 'unknown')) return 'unknown';
  if (places.every(({ where }) => where === 'destination')) return 'committed';
  return places.every(({ where }) => where === 'source') ? 'aborted' : 'partial';
}
