import { VmbuddiesError, type Where } from '../errors.ts';
import type { JournalDestination, JournalHome, JournalRecord } from './journal-format.ts';
import { type Transition, unanswered } from './protocol.ts';
import type { Decision, FinishCommand, GroupEvent, GroupOutcome } from './protocol-messages.ts';
import { type GroupState, initialGroup } from './protocol-state.ts';

/** What a journal asks of whoever opens it after a crash. */
export type Recovery =
  /** No migration had been started: the group's record comes before that. */
  | { readonly kind: 'nothing' }
  /** The group had ended, and every domain's place was known. */
  | { readonly kind: 'ended'; readonly outcome: GroupOutcome }
  /** Carry out `start.commands` and go on with `step`: all domains end at their destination, or all at their source. */
  | {
      readonly kind: 'resume';
      readonly decision: 'COMMIT' | 'ABORT';
      /** STOP is in it: before that, nothing was suspended. */
      readonly stopped: boolean;
      readonly start: Transition;
    };

/** What is found of one domain of a group when somebody looks, after its arbitrator has died. */
export interface Sighting {
  /** At its source. `runs` covers a guest that its owner has paused, if that can be told. */
  readonly here: 'runs' | 'suspended' | 'absent';
  /** Its name there is NAME--migratedaway. */
  readonly aside: boolean;
  /**
   * At its destination. `runs`: it has started there and is there. `paused`: complete and under its own name, but not let
   * go. `incoming`: a copy that never ran and that nobody sends to any more. `held`: on its way; ask again. `gone`: it has
   * started there and is not there any more. `absent`: it has not, and will not. `forgotten`: it is not there, and whether it ever started there
   * is not remembered. `unknown`: nobody answers. Without COMMIT
   * only a copy that is left there matters: where none can be, as none of a process domain can, it is `absent` unasked.
   */
  readonly there: 'runs' | 'paused' | 'incoming' | 'held' | 'gone' | 'forgotten' | 'absent' | 'unknown';
}

/** What is to be done for a domain, in this order. Each may be repeated without harm. */
export type RecoveryStep = 'sweep-copy' | 'resume-source' | 'take-name-back' | 'unpause-copy' | 'destroy-source';

export interface Remedy {
  readonly steps: readonly RecoveryStep[];
  /** Where the domain runs once they are carried out. */
  readonly where: Where;
  /** Nothing is left to do or to find out. Otherwise the record stays, and a person or a later look has to help. */
  readonly settled: boolean;
}

/**
 * What is safe to do about one domain of a group whose arbitrator has died. A source is resumed only if its copy cannot
 * run, and destroyed only if its copy does: never on a guess. Total and pure.
 */
export function remedy(decision: 'COMMIT' | 'ABORT', stopped: boolean, { here, aside, there }: Sighting): Remedy {
  if (here === 'absent') return withoutSource(there);
  const nameBack: RecoveryStep[] = aside ? ['take-name-back'] : [];
  const comeHome: Remedy = {
    steps: here === 'suspended' ? ['resume-source', ...nameBack] : nameBack,
    where: 'source',
    settled: true,
  };
  const undecided: Remedy = { steps: [], where: 'unknown', settled: false };
  // No copy was ever told to start. A guest that stands still without STOP was not suspended by this group.
  if (decision === 'ABORT') {
    const known = there !== 'unknown' && there !== 'held';
    if (here === 'runs' || stopped) return withSweep({ ...comeHome, settled: known }, there);
    return aside ? undecided : { steps: [], where: 'source', settled: true };
  }
  if (here === 'runs') {
    // Whatever runs there under its identity: two guests that run are nothing to touch without a person.
    const mayRunToo = there === 'runs' || there === 'held' || there === 'unknown';
    return mayRunToo ? undecided : withSweep(comeHome, there);
  }
  switch (there) {
    case 'runs':
      return { steps: ['destroy-source'], where: 'destination', settled: true };
    case 'paused':
      return { steps: ['unpause-copy', 'destroy-source'], where: 'destination', settled: true };
    case 'absent':
    case 'incoming':
      return withSweep(comeHome, there);
    default:
      return undecided;
  }
}

/** Nothing is left here to resume or to remove. */
function withoutSource(there: Sighting['there']): Remedy {
  if (there === 'runs' || there === 'paused') return { steps: [], where: 'destination', settled: true };
  // A copy that never ran may be all that is left of the guest.
  if (there === 'incoming' || there === 'held') return { steps: [], where: 'unknown', settled: false };
  return { steps: [], where: 'unknown', settled: true };
}

function withSweep(home: Remedy, there: Sighting['there']): Remedy {
  return there === 'incoming' ? { ...home, steps: ['sweep-copy', ...home.steps] } : home;
}

/** The record to append before the first migration of a group is started. */
export function groupRecord(
  state: GroupState,
  destination: JournalDestination | null,
  home: JournalHome | null = null,
): JournalRecord {
  return { type: 'group', domains: state.domains.map(({ domain }) => domain), destination, home };
}

/**
 * The record to append after `finish`, or null if the journal has to stay open: a domain's place is unknown, or a copy
 * is left at a source, and the next recovery shall see to it.
 */
export function endRecord({ outcome, domains }: FinishCommand): JournalRecord | null {
  const settled = domains.every(({ where, sourceLeft }) => where !== 'unknown' && !sourceLeft);
  return settled ? { type: 'end', outcome } : null;
}

/** What the protocol has to be told after `append` of a decision has rejected with `error`. */
export function recordFailed(decision: Decision, error: unknown): GroupEvent {
  const { code, message } = VmbuddiesError.from(error);
  return { type: 'recordFailed', decision, written: code === 'ERR_VMBUDDIES_SYSTEM' ? 'no' : 'maybe', reason: message };
}

/**
 * What to do about a group of which only the journal is left. COMMIT as the last decision: every domain is told to
 * commit (again), and those that have moved answer so. Otherwise all are brought home. It may be used any number of
 * times, a recovery that crashed included.
 *
 * `records` must be on stable storage, as those of `openJournal` are: what the machine could still forget is no basis
 * for an order. Throws ERR_VMBUDDIES_JOURNAL if the records make no group's journal.
 */
export function recover(records: readonly JournalRecord[]): Recovery {
  const [opening, ...rest] = records;
  if (opening === undefined) return { kind: 'nothing' };
  if (opening.type !== 'group' || rest.some(({ type }) => type === 'group')) {
    throw new VmbuddiesError('ERR_VMBUDDIES_JOURNAL', 'the journal is not that of one group', { operation: 'recover' });
  }
  const end = rest.find((record) => record.type === 'end');
  if (end !== undefined) return { kind: 'ended', outcome: end.outcome };

  const last = rest.findLast((record) => record.type === 'decision');
  const stopped = rest.some((record) => record.type === 'decision' && record.decision === 'STOP');
  const group = initialGroup(opening.domains);
  if (last?.decision === 'COMMIT') {
    const domains = group.domains.map((entry) => ({ ...entry, progress: 'pledged' as const }));
    return resume('COMMIT', stopped, { ...group, phase: 'committing', domains });
  }
  if (last?.decision === 'ABORT') return resume('ABORT', stopped, { ...group, phase: 'aborting', reason: last.reason });
  const reason = 'the arbitrator ended before COMMIT was recorded';
  const state: GroupState = { ...group, phase: 'recording-abort', reason };
  return {
    kind: 'resume',
    decision: 'ABORT',
    stopped,
    start: { state, commands: [{ type: 'record', decision: 'ABORT', reason }] },
  };
}

function resume(decision: 'COMMIT' | 'ABORT', stopped: boolean, state: GroupState): Recovery {
  return { kind: 'resume', decision, stopped, start: { state, commands: unanswered(state) } };
}
