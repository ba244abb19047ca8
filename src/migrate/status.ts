import type { Member } from '../arbitrate/member.ts';
import type { Phase } from '../arbitrate/protocol-state.ts';
import { leastRate } from '../strategy/shares.ts';

/**
 * Where a group stands. `measuring`: its loads are being measured, nothing has been sent. `ballooning`: free memory is
 * being given back. `precopy`: guests run and their memory is being sent. `waiting`: every domain is at the
 * pseudo-synchropoint, catching up or waiting for the first barrier. `stopping`: guests are suspended and the final copies
 * are being sent. `committing`: COMMIT is being recorded or carried out. `aborting`: the group is on its way back to its
 * source. `finished`: the outcome is known.
 */
export type GroupPhase =
  | 'measuring'
  | 'ballooning'
  | 'precopy'
  | 'waiting'
  | 'stopping'
  | 'committing'
  | 'aborting'
  | 'finished';

/**
 * What one domain is doing. `queued`: its turn to be sent has not come. `connecting`: no byte of it has been sent yet.
 * `sending`: a pre-copy round is under way. `parked`: sent at least once, and at the least rate while others have the link.
 * `waiting`: at the pseudo-synchropoint. `catching-up`: there too, and sending what it has dirtied since. `stopping`: its
 * guest is suspended, or told to be, and its final copy is being sent. `prepared`: restored at the destination and paused.
 * `committing`: told to start there. `committed`: runs there. `aborted`: runs at its source; `failed`: its migration broke,
 * and the outcome says where it runs.
 */
export type DomainActivity =
  | 'profiling'
  | 'ballooning'
  | 'queued'
  | 'connecting'
  | 'sending'
  | 'parked'
  | 'waiting'
  | 'catching-up'
  | 'stopping'
  | 'prepared'
  | 'committing'
  | 'committed'
  | 'aborted'
  | 'failed';

/** How far one domain is. */
export interface DomainStatus {
  readonly name: string;
  readonly activity: DomainActivity;
  /** The round under way, or the last one when none is; from 0. */
  readonly round: number;
  /** Pages that the round has to deal with, and those that it has dealt with; 0 before the first round. */
  readonly roundPages: number;
  readonly roundDonePages: number;
  /** In the dirty log when it was last looked at. */
  readonly dirtyPages: number;
  readonly sentBytes: number;
  /** The rate that is set for it now; 0 while it has none. */
  readonly bytesPerSecond: number;
  /** Until it runs at the destination, as {@link GroupStatus.etaMs}. */
  readonly etaMs: number | null;
}

/** How far a group is. All times are in milliseconds. */
export interface GroupStatus {
  readonly phase: GroupPhase;
  /** Since the group was told to move, measuring and ballooning included; it stands still once the group has finished. */
  readonly elapsedMs: number;
  /**
   * From now until the last guest runs at the destination, predicted for the whole group from what has been measured so
   * far. Null where there is nothing to go by: before the loads are measured, on the way back, and once the group has finished.
   */
  readonly etaMs: number | null;
  /** `elapsedMs` and `etaMs` together. */
  readonly predictedTotalMs: number | null;
  readonly sentBytes: number;
  /** What the group will have sent in all, predicted; null where `etaMs` is. */
  readonly predictedBytes: number | null;
  /** In the order in which the domains were given. */
  readonly domains: readonly DomainStatus[];
}

/** The group's phase while an arbitrator moves it. */
export function phaseOf(phase: Phase, members: readonly Member[]): GroupPhase {
  switch (phase) {
    case 'precopy':
      return members.every(({ state }) => state === 'waiting') ? 'waiting' : 'precopy';
    case 'predicting':
    case 'recording-stop':
      return 'waiting';
    case 'stopping':
    case 'pledging':
      return 'stopping';
    case 'recording-commit':
    case 'committing':
      return 'committing';
    case 'recording-abort':
    case 'aborting':
      return 'aborting';
    case 'finished':
      return 'finished';
  }
}

/** One domain's status. */
export function domainStatus(member: Member, etaMs: number | null): DomainStatus {
  const { round, roundPages, roundDonePages, dirtyPages, sentBytes } = member.progress;
  return {
    name: member.name,
    activity: activityOf(member),
    round,
    roundPages,
    roundDonePages,
    dirtyPages,
    sentBytes,
    bytesPerSecond: member.ended ? 0 : (member.bytesPerSecond ?? 0),
    etaMs,
  };
}

/** A domain of which nothing has been sent, while the group is measured or ballooned. */
export function idleStatus(name: string, activity: 'profiling' | 'ballooning' | 'queued'): DomainStatus {
  return {
    name,
    activity,
    round: 0,
    roundPages: 0,
    roundDonePages: 0,
    dirtyPages: 0,
    sentBytes: 0,
    bytesPerSecond: 0,
    etaMs: null,
  };
}

function activityOf(member: Member): DomainActivity {
  if (member.error) return 'failed';
  if (member.begun === null) return 'queued';
  const { state } = member;
  if (state === 'committed' || state === 'aborted') return state;
  if (state === 'prepared') return member.toldToCommit ? 'committing' : 'prepared';
  if (state === 'stopping' || (state === 'waiting' && member.toldToStop)) return 'stopping';
  if (state === 'waiting') return member.catchingUp ? 'catching-up' : 'waiting';
  if ((member.bytesPerSecond ?? 0) <= leastRate) return member.rounds.length > 0 ? 'parked' : 'queued';
  return member.connected ? 'sending' : 'connecting';
}
