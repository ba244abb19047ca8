import { step, type Transition } from '../../src/arbitrate/protocol.ts';
import type { DomainCommand, GroupCommand, GroupEvent } from '../../src/arbitrate/protocol-messages.ts';
import type { GroupState, Progress } from '../../src/arbitrate/protocol-state.ts';
import { recover } from '../../src/arbitrate/recovery.ts';
import { type Protocol, realProtocol } from './arbitrator-model.ts';
import { type DomainMove, type DomainWorld, domainMoves } from './domain-model.ts';
import type { Broken } from './invariants.ts';
import type { Budgets } from './world.ts';

/** The protocol with one mistake in it, and the invariant by which the explorer must find it out. */
export interface BrokenVariant {
  readonly mistake: string;
  readonly breaks: Broken;
  /** What has to go wrong besides for it to show. One crash of the arbitrator and any loss of messages come for free. */
  readonly faults?: Partial<Budgets>;
  readonly protocol?: Protocol;
  readonly moves?: (domain: DomainWorld) => DomainMove[];
}

type Change = (after: Transition, before: GroupState, event: GroupEvent) => Transition;
const stepWith = (change: Change): Protocol => ({
  ...realProtocol,
  step: (state, event) => change(step(state, event), state, event),
});

const toAll = (state: GroupState, type: DomainCommand['type']): DomainCommand[] =>
  state.domains.map(({ domain }) => ({ type, domain }));

const records = (commands: readonly GroupCommand[], decision: 'STOP' | 'COMMIT' | 'ABORT'): boolean =>
  commands.some((command) => command.type === 'record' && command.decision === decision);

const plus = ({ state, commands }: Transition, more: readonly GroupCommand[]): Transition => ({
  state,
  commands: [...commands, ...more],
});

const withProgress = (state: GroupState, progress: Progress): GroupState => ({
  ...state,
  domains: state.domains.map((entry) => ({ ...entry, progress })),
});

const recordCommit = { type: 'record', decision: 'COMMIT', reason: null } as const;

/** A world without budgets: no domain gives up because its pause is too long. */
const patient = (domain: DomainWorld): DomainMove[] =>
  domainMoves(domain).filter(({ label }) => !label.startsWith('gives up'));

export const brokenVariants: readonly BrokenVariant[] = [
  {
    mistake: 'commit is sent before COMMIT is recorded',
    breaks: 'I3',
    protocol: stepWith((after) =>
      records(after.commands, 'COMMIT') ? plus(after, toAll(after.state, 'commit')) : after,
    ),
  },
  {
    mistake: 'COMMIT is decided when all but one are prepared',
    breaks: 'I2',
    moves: patient,
    protocol: stepWith((after, before, event) => {
      const missing = after.state.domains.filter(({ progress }) => progress !== 'prepared').length;
      if (before.phase !== 'stopping' || event.type !== 'prepared' || missing !== 1) return after;
      return {
        state: { ...withProgress(after.state, 'pledged'), phase: 'recording-commit' },
        commands: [...toAll(after.state, 'pledge'), recordCommit],
      };
    }),
  },
  {
    mistake: 'there is one barrier, as in the paper: past it each goes on by itself',
    breaks: 'I2',
    moves: patient,
    protocol: {
      ...realProtocol,
      step: (before, event) => {
        const meets = before.phase === 'recording-stop' && event.type === 'recorded';
        const after = step(before, meets ? { type: 'recorded', decision: 'STOP' } : event);
        if (records(after.commands, 'STOP')) return { ...after, commands: [recordCommit] };
        const goes = before.phase === 'stopping' && event.type === 'prepared' && after.state !== before;
        const { domain } = event as { domain: string };
        return goes
          ? plus(after, [
              { type: 'pledge', domain },
              { type: 'commit', domain },
            ])
          : after;
      },
    },
  },
  {
    mistake: 'a deadline after COMMIT aborts those that have not answered',
    breaks: 'I4',
    protocol: stepWith((after, before, event) =>
      before.phase === 'committing' && event.type === 'deadline' ? plus(after, toAll(before, 'abort')) : after,
    ),
  },
  {
    mistake: 'recovery forgets COMMIT and brings all home',
    breaks: 'I4',
    protocol: {
      ...realProtocol,
      recover: (journal) =>
        recover(journal.map((record) => (record.type === 'decision' ? { ...record, decision: 'ABORT' } : record))),
    },
  },
  {
    mistake: 'an ABORT that could not be recorded is acted on behind a COMMIT that may have been',
    breaks: 'I4',
    faults: { writeFailures: 1 },
    protocol: {
      ...realProtocol,
      step: (state, event) => step({ ...state, commitMayBeWritten: false }, event),
    },
  },
  {
    mistake: 'sources are destroyed when the domains are told to commit',
    breaks: 'kept',
    protocol: stepWith((after, _before, event) =>
      event.type === 'recorded' && after.state.phase === 'committing'
        ? plus(after, toAll(after.state, 'destroySource'))
        : after,
    ),
  },
  {
    mistake: 'a domain of which nobody knows is taken to be at its source',
    breaks: 'honest',
    faults: { agentFaults: 1 },
    protocol: {
      ...realProtocol,
      step: (state, event) => step(state, event.type === 'failed' ? { ...event, where: 'source' } : event),
    },
  },
  {
    mistake: 'a predicted pause over the budget is accepted',
    breaks: 'I6',
    protocol: {
      ...realProtocol,
      step: (state, event) => step(state, event.type === 'pausePredicted' ? { ...event, pauseMs: 0 } : event),
    },
  },
  {
    mistake: 'COMMIT is decided when all are prepared, though any of them may still give up by itself',
    breaks: 'I4',
    protocol: stepWith((after) =>
      after.state.phase === 'pledging'
        ? { state: { ...withProgress(after.state, 'pledged'), phase: 'recording-commit' }, commands: [recordCommit] }
        : after,
    ),
  },
  {
    mistake: 'a domain that has pledged gives up all the same when its pause is too long',
    breaks: 'I4',
    moves: (domain) => {
      const to = { ...domain, agent: 'aborted', destination: 'dropped' } as const;
      const breaksItsWord = { label: 'gives up in spite of its pledge', to, fault: null } as const;
      return domain.agent === 'pledged' ? [breaksItsWord, ...domainMoves(domain)] : domainMoves(domain);
    },
  },
  {
    mistake: 'a group that is not prepared when its budget is spent goes on waiting',
    breaks: 'I6',
    protocol: {
      ...realProtocol,
      step: (state, event) =>
        event.type === 'deadline' && event.barrier === 'prepared' ? { state, commands: [] } : step(state, event),
    },
  },
  {
    mistake: 'after a restart the orders are not given again',
    breaks: 'I5',
    protocol: {
      step: (state, event) => step(state, event.type === 'resend' ? { type: 'deadline', barrier: 'waiting' } : event),
      recover: (journal) => {
        const recovery = recover(journal);
        return recovery.kind === 'resume' ? { ...recovery, start: { ...recovery.start, commands: [] } } : recovery;
      },
    },
  },
  {
    mistake: 'a daemon takes the silence of a destination that runs for a refusal',
    breaks: 'I1',
    moves: (domain) => {
      const silent = domain.agent === 'committing' && domain.destination === 'running';
      const resumes = { label: 'resumes at its source', to: { ...domain, agent: 'failed' }, fault: null } as const;
      return silent ? [resumes, ...domainMoves(domain)] : domainMoves(domain);
    },
  },
];
