import type { Where } from '../errors.ts';

/**
 * What the group protocol (protocol.ts) is told and what it orders. All of it is plain JSON: it goes into tests, logs
 * and, one day, onto a network that loses, repeats and reorders. That is why
 * - every order may be carried out twice: the second time changes nothing and is answered like the first;
 * - every report is a fact that stays true, so a late or repeated one does no harm;
 * - nothing carries a sequence number. A carrier adds the group's identity, so that a report from an earlier group of
 *   the same domains is never delivered to this one.
 */

/** What is written to the journal before it is acted on. A later one replaces an earlier one. */
export type Decision = 'STOP' | 'COMMIT' | 'ABORT';

/**
 * What a deadline can be set for, and the phase in which to start its clock: all `waiting` (precopy), all `prepared`
 * and pledged (stopping), all `started` (committing), all `aborted` (aborting).
 */
export type Barrier = 'waiting' | 'prepared' | 'started' | 'aborted';

export type GroupEvent =
  /** This domain is at its pseudo-synchropoint and holds there (wait-and-copy). */
  | { readonly type: 'waiting'; readonly domain: string }
  /** Its source is suspended, its destination holds all of it, paused. */
  | { readonly type: 'prepared'; readonly domain: string }
  /** From now on this domain ends as it is told and in no other way: it does not abort because its pause is too long. */
  | { readonly type: 'pledged'; readonly domain: string }
  /** The destination itself has confirmed that the guest runs there. */
  | { readonly type: 'started'; readonly domain: string }
  /** The order to abort has been carried out: the source runs, the destination's copy is dropped. */
  | { readonly type: 'aborted'; readonly domain: string }
  /**
   * The migration has ended by itself. `source`: the guest runs at its source, and the destination's copy is certain
   * never to run. `unknown`: the destination may have been told to start, or nobody can be asked.
   */
  | { readonly type: 'failed'; readonly domain: string; readonly where: 'source' | 'unknown'; readonly reason: string }
  /** The suspended copy at the source no longer exists. */
  | { readonly type: 'sourceDestroyed'; readonly domain: string }
  /** The guest runs at its destination, but the suspended copy at the source could not be removed. */
  | { readonly type: 'destroyFailed'; readonly domain: string; readonly reason: string }
  /** Answer to `predictPause`: how long the whole group is expected to stand still, in milliseconds. */
  | { readonly type: 'pausePredicted'; readonly pauseMs: number }
  /** The decision is on stable storage: it will be there after a crash of the machine. */
  | { readonly type: 'recorded'; readonly decision: Decision }
  /** The write failed. `no`: the record is certainly not in the journal; `maybe`: it may or may not be. */
  | {
      readonly type: 'recordFailed';
      readonly decision: Decision;
      readonly written: 'no' | 'maybe';
      readonly reason: string;
    }
  | { readonly type: 'deadline'; readonly barrier: Barrier }
  /** Somebody wants the group back at its source. Comes too late once COMMIT is recorded. */
  | { readonly type: 'cancel'; readonly reason: string }
  /** Give every order again that has not been answered: for carriers that lose messages, on a timer. */
  | { readonly type: 'resend' };

/** An order for one domain. */
export type DomainCommand = {
  /**
   * - `stopAndCopy`: suspend, send the rest, answer `prepared`.
   * - `pledge`: to a prepared domain, which until then may abort by itself when its guest has stood still for too long.
   *   Answer `pledged`, or, if it has aborted, `aborted`.
   * - `commit`: start at the destination, answer `started`. To a domain that may have been told before: find out from
   *   its destination what became of it, and finish.
   * - `abort`: drop the destination's copy, let the source run, answer `aborted`. Refused, without an answer, by a
   *   domain whose destination has been told to start.
   * - `destroySource`: remove the suspended copy at the source, answer `sourceDestroyed` or `destroyFailed`.
   */
  readonly type: 'stopAndCopy' | 'pledge' | 'commit' | 'abort' | 'destroySource';
  readonly domain: string;
};

/** Where one domain is when its group has ended. */
export interface DomainPlace {
  readonly domain: string;
  readonly where: Where;
  /** True if it moved and the suspended copy at its source is still there. */
  readonly sourceLeft: boolean;
  /** Why it is not at its destination, or why its source was left; null if there is nothing to say. */
  readonly reason: string | null;
}

/** `committed`: all at the destination. `aborted`: none moved. `partial`: some moved. `unknown`: of some, nobody can say. */
export type GroupOutcome = 'committed' | 'aborted' | 'partial' | 'unknown';

export interface FinishCommand {
  readonly type: 'finish';
  readonly outcome: GroupOutcome;
  /** In the order in which the group was given. */
  readonly domains: readonly DomainPlace[];
  /** Why the group did not move, in one sentence; null if it was let go. */
  readonly reason: string | null;
}

export type GroupCommand =
  | DomainCommand
  /** Answer with `pausePredicted`. Given at the first barrier to groups with a pause budget. */
  | { readonly type: 'predictPause' }
  /** Append to the journal, behind all earlier ones; answer `recorded` or `recordFailed`. */
  | { readonly type: 'record'; readonly decision: Decision; readonly reason: string | null }
  /** The last command of all. */
  | FinishCommand;
