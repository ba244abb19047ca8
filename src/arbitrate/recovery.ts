import { VmbuddiesError } from '../errors.ts';
import type { JournalDestination, JournalRecord } from './journal-format.ts';
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
  | { readonly kind: 'resume'; readonly decision: 'COMMIT' | 'ABORT'; readonly start: Transition };

/** The record to append before the first migration of a group is started. */
export function groupRecord(state: GroupState, destination: JournalDestination | null): JournalRecord {
  return { type: 'group', domains: state.domains.map(({ domain }) => domain), destination };
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
  const group = initialGroup(opening.domains);
  if (last?.decision === 'COMMIT') {
    const domains = group.domains.map((entry) => ({ ...entry, progress: 'prepared' as const }));
    return resume('COMMIT', { ...group, phase: 'committing', domains });
  }
  if (last?.decision === 'ABORT') return resume('ABORT', { ...group, phase: 'aborting', reason: last.reason });
  const reason = 'the arbitrator ended before COMMIT was recorded';
  const state: GroupState = { ...group, phase: 'recording-abort', reason };
  return {
    kind: 'resume',
    decision: 'ABORT',
    start: { state, commands: [{ type: 'record', decision: 'ABORT', reason }] },
  };
}

function resume(decision: 'COMMIT' | 'ABORT', state: GroupState): Recovery {
  return { kind: 'resume', decision, start: { state, commands: unanswered(state) } };
}
