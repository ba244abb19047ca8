import type { Barrier, Decision, DomainCommand, GroupCommand, GroupEvent } from './protocol-messages.ts';
import {
  all,
  type DomainState,
  forward,
  type GroupState,
  mark,
  outcomeOf,
  type Phase,
  placeOf,
} from './protocol-state.ts';

export interface Transition {
  readonly state: GroupState;
  /** To be carried out in this order. */
  readonly commands: readonly GroupCommand[];
}

const revocable: readonly Phase[] = [
  'precopy',
  'predicting',
  'recording-stop',
  'stopping',
  'pledging',
  'recording-commit',
];

/** In which phases a deadline means anything; later it is stale. */
const timed: Readonly<Record<Barrier, readonly Phase[]>> = {
  waiting: ['precopy', 'predicting'],
  prepared: ['recording-stop', 'stopping', 'pledging'],
  started: ['committing'],
  aborted: ['aborting'],
};

/**
 * The group protocol: two barriers, and a decision on stable storage in front of each. It is two-phase commit with
 * "prepared" meaning: suspended at the source and complete, but paused, at the destination.
 *
 *     precopy ─▶ [predicting] ─▶ recording-stop ─▶ stopping ─▶ pledging ─▶ recording-commit ─▶ committing ─▶ finished
 *        └────────────┴───────────────┴──────────────┴────────────┴──────────────┘
 *                      failure, deadline, cancel
 *                                 └─▶ recording-abort ─▶ aborting ─▶ finished
 *
 * It keeps, whatever is lost, repeated, late or dead (test/protocol proves it by going through every state):
 *   I1  never do both copies of a domain run;
 *   I2  none runs at its destination unless all were prepared;
 *   I3  before COMMIT every source can resume;
 *   I4  after COMMIT none resumes by itself: a source runs again only after its own destination is known to have failed;
 *   I6  the pause is predicted to stay within its budget, or the group aborts before anything is suspended; and a
 *       group that is not prepared when its budget is spent aborts.
 *
 * A guest must not stand still because the arbitrator is late, so a domain whose pause has a budget may also abort by
 * itself. COMMIT must not be decided by one side while the other gives up: hence `pledging`, in which each prepared
 * domain gives up that right before COMMIT is handed to the journal. What the record takes is then the pause's, but no
 * longer anybody's to end: the decision is being taken.
 *
 * ABORT may follow COMMIT in the journal, and then counts, because it is only ever written while nobody has been told
 * of COMMIT: a failure that arrives during that write still brings the whole group home. No COMMIT means abort, written
 * or not, so an ABORT that cannot be written holds nothing up, except behind a COMMIT that may have been.
 *
 * Total: any event is legal in any state, and a stale one returns the very same state and no commands.
 */
export function step(state: GroupState, event: GroupEvent): Transition {
  const { phase } = state;
  if (phase === 'finished') return stay(state);
  switch (event.type) {
    case 'waiting':
      return phase === 'precopy' ? firstBarrier(mark(state, event.domain, 'waiting')) : stay(state);
    case 'pausePredicted':
      return phase === 'predicting' ? judgePause(state, event.pauseMs) : stay(state);
    case 'prepared':
      return phase === 'stopping' ? secondBarrier(mark(state, event.domain, 'prepared')) : stay(state);
    case 'pledged':
      return phase === 'pledging' ? pledges(mark(state, event.domain, 'pledged')) : stay(state);
    case 'started': {
      const next = phase === 'committing' ? mark(state, event.domain, 'started') : state;
      return next === state ? stay(state) : go(next, [{ type: 'destroySource', domain: event.domain }]);
    }
    case 'sourceDestroyed':
      return phase === 'committing' ? settle(mark(state, event.domain, 'moved')) : stay(state);
    case 'destroyFailed':
      return phase === 'committing' ? settle(mark(state, event.domain, 'left', event.reason)) : stay(state);
    case 'aborted':
      return fallBack(state, mark(state, event.domain, 'source'), `${event.domain}: its migration was aborted`);
    case 'failed': {
      const place = event.where === 'source' ? 'source' : 'unknown';
      return fallBack(state, mark(state, event.domain, place, event.reason), `${event.domain}: ${event.reason}`);
    }
    case 'recorded':
      return afterRecord(state, event.decision);
    case 'recordFailed':
      return afterFailedRecord(state, event);
    case 'deadline':
      return timed[event.barrier].includes(phase) ? afterDeadline(state, event.barrier) : stay(state);
    case 'cancel':
      return revocable.includes(phase) ? turnBack(state, event.reason) : stay(state);
    case 'resend':
      return go(state, unanswered(state));
  }
}

/** The orders a group in this state waits to see answered. */
export function unanswered(state: GroupState): DomainCommand[] {
  return state.domains.flatMap(({ domain, progress }): DomainCommand[] => {
    const settled = progress === 'source' || progress === 'moved' || progress === 'left';
    if (settled) return [];
    if (state.phase === 'stopping') return progress === 'prepared' ? [] : [{ type: 'stopAndCopy', domain }];
    if (state.phase === 'pledging') return progress === 'pledged' ? [] : [{ type: 'pledge', domain }];
    if (state.phase === 'aborting') return [{ type: 'abort', domain }];
    if (state.phase === 'committing') return [{ type: progress === 'started' ? 'destroySource' : 'commit', domain }];
    return [];
  });
}

const go = (state: GroupState, commands: readonly GroupCommand[]): Transition => ({ state, commands });
const stay = (state: GroupState): Transition => go(state, []);

function record(state: GroupState, decision: Decision, phase: Phase): Transition {
  return go({ ...state, phase }, [{ type: 'record', decision, reason: state.reason }]);
}

function turnBack(state: GroupState, reason: string): Transition {
  return record({ ...state, reason }, 'ABORT', 'recording-abort');
}

function firstBarrier(state: GroupState): Transition {
  if (!all(state, 'waiting')) return stay(state);
  if (state.pauseBudgetMs === null) return record(state, 'STOP', 'recording-stop');
  return go({ ...state, phase: 'predicting' }, [{ type: 'predictPause' }]);
}

function judgePause(state: GroupState, pauseMs: number): Transition {
  // Not `>`: a prediction that is not a number is no reason to suspend anybody.
  if (pauseMs <= (state.pauseBudgetMs ?? Number.POSITIVE_INFINITY)) return record(state, 'STOP', 'recording-stop');
  return turnBack(
    state,
    `the predicted pause of ${Math.round(pauseMs)} ms is over the budget of ${state.pauseBudgetMs} ms`,
  );
}

function secondBarrier(state: GroupState): Transition {
  return all(state, 'prepared') ? enter(state, 'pledging') : stay(state);
}

function pledges(state: GroupState): Transition {
  if (!all(state, 'pledged')) return stay(state);
  return record({ ...state, commitMayBeWritten: true }, 'COMMIT', 'recording-commit');
}

/** `next` knows of a domain that its migration has ended without moving it, or that nobody knows whether it moved. */
function fallBack(state: GroupState, next: GroupState, reason: string): Transition {
  if (next === state) return stay(state);
  return revocable.includes(next.phase) ? turnBack(next, reason) : settle(next);
}

function afterRecord(state: GroupState, decision: Decision): Transition {
  if (decision === 'STOP' && state.phase === 'recording-stop') return enter(state, 'stopping');
  if (decision === 'COMMIT' && state.phase === 'recording-commit') return enter(state, 'committing');
  if (decision === 'ABORT' && state.phase === 'recording-abort') return enter(state, 'aborting');
  return stay(state);
}

function afterFailedRecord(state: GroupState, event: GroupEvent & { type: 'recordFailed' }): Transition {
  const { decision, written } = event;
  const reason = `${decision} could not be recorded: ${event.reason}`;
  const absent = decision === 'COMMIT' && written === 'no' && state.phase !== 'committing';
  const next = absent && state.commitMayBeWritten ? { ...state, commitMayBeWritten: false } : state;
  if (decision === 'STOP' && state.phase === 'recording-stop') return turnBack(next, reason);
  if (decision === 'COMMIT' && state.phase === 'recording-commit') return turnBack(next, reason);
  if (decision === 'ABORT' && state.phase === 'recording-abort') {
    // Behind a COMMIT that may be there, an order either way could contradict what the next recovery reads.
    return next.commitMayBeWritten ? finish(next, reason) : enter(next, 'aborting');
  }
  return stay(next);
}

function afterDeadline(state: GroupState, barrier: Barrier): Transition {
  if (!revocable.includes(state.phase)) return finish(state, 'no answer in time');
  const late = state.domains.filter(({ progress }) => progress !== barrier && progress !== 'pledged');
  if (late.length === 0) {
    return turnBack(state, barrier === 'waiting' ? 'no predicted pause in time' : 'not ready to commit in time');
  }
  const { pauseBudgetMs } = state;
  const timed = barrier === 'prepared' && pauseBudgetMs !== null;
  const when = timed ? `within the downtime budget of ${pauseBudgetMs} ms` : 'in time';
  return turnBack(state, `not ${barrier} ${when}: ${late.map(({ domain }) => domain).join(', ')}`);
}

function enter(state: GroupState, phase: Phase): Transition {
  const next = { ...state, phase };
  return settle(next, unanswered(next));
}

/** Ends the group once nothing more is to be expected of any domain. */
function settle(state: GroupState, commands: readonly GroupCommand[] = []): Transition {
  const over = state.phase === 'aborting' || state.phase === 'committing';
  return over && all(state, 'source', 'unknown', 'moved', 'left') ? finish(state, null, commands) : go(state, commands);
}

/** `reason` is why the domains that have not answered are given up. */
function finish(state: GroupState, reason: string | null, commands: readonly GroupCommand[] = []): Transition {
  const domains = state.domains.map((entry): DomainState => {
    if (entry.progress === 'started') return { ...entry, progress: 'left', reason };
    return forward[entry.progress].includes('unknown') ? { ...entry, progress: 'unknown', reason } : entry;
  });
  const places = domains.map(placeOf);
  return go({ ...state, phase: 'finished', domains }, [
    ...commands,
    { type: 'finish', outcome: outcomeOf(places), domains: places, reason: state.reason },
  ]);
}
