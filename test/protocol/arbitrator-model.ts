import type { JournalRecord } from '../../src/arbitrate/journal.ts';
import { step, type Transition } from '../../src/arbitrate/protocol.ts';
import type { Barrier, Decision, GroupCommand, GroupEvent } from '../../src/arbitrate/protocol-messages.ts';
import { type GroupState, initialGroup, type Phase, type Progress } from '../../src/arbitrate/protocol-state.ts';
import { endRecord, recover } from '../../src/arbitrate/recovery.ts';
import type { Order, Report } from './domain-model.ts';

/** The code under test. */
export interface Protocol {
  readonly step: typeof step;
  readonly recover: typeof recover;
}
export const realProtocol: Protocol = { step, recover };

/** One letter per record, so that a journal is a word: S(TOP), C(OMMIT), A(BORT), E(nd). */
export type Letter = 'S' | 'C' | 'A' | 'E';
const letters: Readonly<Record<Decision, Letter>> = { STOP: 'S', COMMIT: 'C', ABORT: 'A' };
const decisions = { S: 'STOP', C: 'COMMIT', A: 'ABORT' } as const;

/** The arbitrator's memory without its texts; each domain's progress stands with the domain. */
export interface Mind {
  readonly phase: Phase;
  readonly commitMayBeWritten: boolean;
}

export interface Reaction {
  readonly mind: Mind;
  readonly progress: readonly Progress[];
  readonly orders: readonly (readonly Order[])[];
  /** Records handed to the journal. */
  readonly records: string;
}

export const pauseBudgetMs = 500;

const name = (at: number): string => `d${at}`;

/** The arbitrator's side of a report. Equal ones are one object, as are all events of this model. */
export function reportEvent(report: Report, at: number): GroupEvent {
  const key = `${report} ${at}`;
  const event = reportEvents.get(key) ?? makeReportEvent(report, name(at));
  reportEvents.set(key, event);
  return event;
}
const reportEvents = new Map<string, GroupEvent>();

function makeReportEvent(report: Report, domain: string): GroupEvent {
  if (report === 'failed at source') return { type: 'failed', domain, where: 'source', reason: '' };
  if (report === 'failed unknown') return { type: 'failed', domain, where: 'unknown', reason: '' };
  return report === 'destroyFailed' ? { type: report, domain, reason: '' } : { type: report, domain };
}

const answer = (decision: Decision) => ({
  recorded: { type: 'recorded', decision } satisfies GroupEvent,
  no: { type: 'recordFailed', decision, written: 'no', reason: '' } satisfies GroupEvent,
  maybe: { type: 'recordFailed', decision, written: 'maybe', reason: '' } satisfies GroupEvent,
});
/** What the arbitrator hears about a write; nothing waits for the end record. */
export const answers = { S: answer('STOP'), C: answer('COMMIT'), A: answer('ABORT'), E: null };

const barriers: readonly Barrier[] = ['waiting', 'prepared', 'started', 'aborted'];
/** What may reach the arbitrator at any time, without anybody's doing. */
export const anytimeEvents: readonly GroupEvent[] = [
  ...barriers.map((barrier) => ({ type: 'deadline', barrier }) as const),
  { type: 'cancel', reason: '' },
  { type: 'resend' },
];
export const predictions: readonly GroupEvent[] = [
  { type: 'pausePredicted', pauseMs: pauseBudgetMs },
  { type: 'pausePredicted', pauseMs: pauseBudgetMs + 1 },
];

export const names = (count: number): string[] => Array.from({ length: count }, (_, at) => name(at));

/** Runs the real function on what the model knows of the arbitrator. Null if nothing comes of it. */
export function react(
  protocol: Protocol,
  mind: Mind,
  progress: readonly Progress[],
  event: GroupEvent,
): Reaction | null {
  const domains = progress.map((known, at) => ({ domain: name(at), progress: known, reason: null }));
  const { phase, commitMayBeWritten } = mind;
  const before: GroupState = { phase, commitMayBeWritten, domains, pauseBudgetMs, reason: null };
  const { state, commands } = protocol.step(before, event);
  return state === before && commands.length === 0 ? null : toReaction({ state, commands });
}

/** What a new arbitrator does with a journal. Null if it finds that the group had ended. */
export function restart(protocol: Protocol, journal: string, count: number): Reaction | null {
  const records = [...journal].map((letter): JournalRecord => {
    if (letter === 'E') return { type: 'end', outcome: 'committed' };
    return { type: 'decision', decision: decisions[letter as 'S' | 'C' | 'A'], reason: null };
  });
  const recovery = protocol.recover([{ type: 'group', domains: names(count), destination: null }, ...records]);
  if (recovery.kind === 'nothing') throw new Error('the group record is lost');
  return recovery.kind === 'ended' ? null : toReaction(recovery.start);
}

export const start = (count: number): Reaction =>
  toReaction({ state: initialGroup(names(count), { pauseBudgetMs }), commands: [] });

function toReaction({ state, commands }: Transition): Reaction {
  const { phase, commitMayBeWritten } = state;
  const orders = state.domains.map(({ domain }) => commands.flatMap((command) => ordersTo(domain, command)));
  const records = commands.map((command) => recordOf(command, state)).join('');
  return {
    mind: { phase, commitMayBeWritten },
    progress: state.domains.map((entry) => entry.progress),
    orders,
    records,
  };
}

function ordersTo(domain: string, command: GroupCommand): Order[] {
  return 'domain' in command && command.domain === domain ? [command.type] : [];
}

function recordOf(command: GroupCommand, state: GroupState): string {
  if (command.type === 'record') return letters[command.decision];
  if (command.type !== 'finish') return '';
  command.domains.forEach(({ domain, where, sourceLeft }, at) => {
    const known = state.domains[at]!;
    const told = where === 'destination' ? (sourceLeft ? 'left' : 'moved') : where;
    if (known.domain !== domain || known.progress !== told) throw new Error(`finish says ${told} of ${known.progress}`);
  });
  return endRecord(command) === null ? '' : 'E';
}
