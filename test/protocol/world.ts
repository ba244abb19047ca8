import type { GroupEvent, GroupOutcome } from '../../src/arbitrate/protocol-messages.ts';
import { outcomeOf, type Progress, placeOf } from '../../src/arbitrate/protocol-state.ts';
import {
  answers,
  anytimeEvents,
  type Letter,
  type Mind,
  type Protocol,
  predictions,
  type Reaction,
  react,
  realProtocol,
  reportEvent,
  restart,
  start,
} from './arbitrator-model.ts';
import { type DomainMove, type DomainWorld, domainMoves, freshDomain, withOrders } from './domain-model.ts';
import { Interner } from './interner.ts';
import { type Broken, checkMove, checkPause, checkState } from './invariants.ts';

/** How often each kind of fault may strike in one run. Messages are lost, repeated and reordered without a limit. */
export interface Budgets {
  readonly arbitratorCrashes: number;
  readonly agentFaults: number;
  readonly destinationFaults: number;
  readonly writeFailures: number;
}

/** The arbitrator's side of the world. */
export interface Centre extends Mind, Budgets {
  /** On stable storage, one letter per record. */
  readonly journal: string;
  /** Handed over for writing, in this order; a crash keeps any beginning of it. */
  readonly queue: string;
  /** A write that could not be taken back: every further one fails until the journal is opened anew. */
  readonly broken: boolean;
}

/** A domain, and what the arbitrator knows of it. */
export interface Member {
  readonly progress: Progress;
  readonly world: DomainWorld;
}

/** Ids: of the centre, then of each member. */
export type State = readonly number[];

/** `who` is a member's index, or -1 for the arbitrator, and `what` it does or hears. */
export type Visit = (to: State, who: number, what: string | GroupEvent, benign: boolean, broken: Broken | null) => void;

/** The members' share of a state's key: no more than this many different ones fit into a number beside the centre. */
const memberLimit = 4096;

/** What can happen to one member, worked out once. */
interface MemberMove extends DomainMove {
  readonly id: number;
}

/**
 * The world the protocol lives in, as a graph. States are made of few different parts in many combinations, so each
 * part is kept once and a state is a short list of ids.
 */
export class World {
  readonly initial: State;
  readonly #protocol: Protocol;
  readonly #domainMoves: typeof domainMoves;
  readonly #centres = new Interner<Centre>();
  readonly #members = new Interner<Member>();
  readonly #reactions = new Map<GroupEvent, Map<string, Reaction | null>>();
  readonly #memberMoves: MemberMove[][] = [];

  constructor(count: number, budgets: Budgets, protocol: Protocol = realProtocol, moves = domainMoves) {
    this.#protocol = protocol;
    this.#domainMoves = moves;
    const { mind, progress } = start(count);
    const centre = this.#centres.id({ ...mind, ...budgets, journal: '', queue: '', broken: false });
    this.initial = [centre, ...progress.map((known) => this.#members.id({ progress: known, world: freshDomain }))];
  }

  /** A number for the state, the same for states that differ only in the names of their domains. */
  key(state: State): number {
    const [centre, ...members] = state;
    const key = members.sort((a, b) => a - b).reduce((sum, id) => sum * memberLimit + id, centre!);
    if (this.#members.size > memberLimit || key > Number.MAX_SAFE_INTEGER)
      throw new Error('too many states to tell apart');
    return key;
  }

  /** A state with this key. */
  stateOf(key: number): State {
    const members: number[] = [];
    let rest = key;
    while (members.length + 1 < this.initial.length) {
      members.unshift(rest % memberLimit);
      rest = Math.floor(rest / memberLimit);
    }
    return [rest, ...members];
  }

  check(state: State): Broken | null {
    const [centre, members] = this.#parts(state);
    return checkState(centre, members);
  }

  /** What the arbitrator has finished with, or null if it has not. */
  outcome(state: State): GroupOutcome | null {
    const [{ phase }, members] = this.#parts(state);
    if (phase !== 'finished') return null;
    return outcomeOf(members.map(({ progress }) => placeOf({ domain: '', progress, reason: null })));
  }

  /** Nothing is left to do and every domain's place is known. */
  isSettled(state: State): boolean {
    const [{ phase }, members] = this.#parts(state);
    return phase === 'finished' && members.every(({ progress }) => progress === 'source' || progress === 'moved');
  }

  /** Everything that can happen next. */
  visit(state: State, visit: Visit): void {
    const centre = this.#centres.at(state[0]!);
    for (let at = 1; at < state.length; at += 1) {
      if (state.lastIndexOf(state[at]!, at - 1) > 0) continue; // the same as its twin
      this.#memberSteps(state, centre, at, visit);
      for (const report of this.#members.at(state[at]!).world.reports) {
        this.#tell(state, centre, reportEvent(report, at - 1), true, visit);
      }
    }
    if (centre.phase === 'predicting') for (const event of predictions) this.#tell(state, centre, event, true, visit);
    for (const event of anytimeEvents) this.#tell(state, centre, event, event.type === 'resend', visit);
    this.#writes(state, centre, visit);
    this.#restarts(state, centre, visit);
  }

  /** What a domain does without the arbitrator. */
  #memberSteps(state: State, centre: Centre, at: number, visit: Visit): void {
    const id = state[at]!;
    this.#memberMoves[id] ??= this.#domainMoves(this.#members.at(id).world).map((move) => ({
      ...move,
      id: this.#members.id({ ...this.#members.at(id), world: move.to }),
    }));
    for (const move of this.#memberMoves[id]) {
      const { label, fault } = move;
      if (fault !== null && centre[fault] === 0) continue;
      const next = state.with(at, move.id);
      if (fault !== null) next[0] = this.#centres.id({ ...centre, [fault]: centre[fault] - 1 });
      visit(next, at - 1, label, fault === null, checkMove(centre, this.#members.at(id).world, move));
    }
  }

  #tell(state: State, centre: Centre, event: GroupEvent, benign: boolean, visit: Visit): void {
    const reaction = this.#react(state, centre, event);
    const broken = checkPause(centre, event, reaction);
    if (reaction !== null) visit(this.#after(state, centre, reaction), -1, event, benign, broken);
    else if (broken !== null) visit(state, -1, event, benign, broken);
  }

  /** The journal writes what it was handed over first, or fails to. */
  #writes(state: State, centre: Centre, visit: Visit): void {
    const [letter, ...rest] = centre.queue as Iterable<Letter>;
    if (letter === undefined) return;
    const queue = rest.join('');
    const unwritten = { ...centre, queue };
    const written = { ...unwritten, journal: centre.journal + letter };
    const answer = (to: Centre, outcome: 'recorded' | 'no' | 'maybe', label: string): void => {
      const event = answers[letter]?.[outcome];
      const reaction = event === undefined ? null : this.#react(state, to, event);
      const next = reaction === null ? state.with(0, this.#centres.id(to)) : this.#after(state, to, reaction);
      visit(next, -1, `${label} ${letter}`, outcome === 'recorded' || centre.broken, null);
    };
    if (centre.broken) {
      answer(unwritten, 'maybe', 'has a broken journal refuse');
      return;
    }
    answer(written, 'recorded', 'records');
    if (centre.writeFailures === 0) return;
    const writeFailures = centre.writeFailures - 1;
    answer({ ...unwritten, writeFailures }, 'no', 'fails to record, and takes back,');
    for (const broken of [false, true]) {
      answer({ ...unwritten, writeFailures, broken }, 'maybe', 'fails to record, without knowing,');
      answer({ ...written, writeFailures, broken }, 'maybe', 'records, without knowing,');
    }
  }

  /** A new arbitrator takes over: after a crash, or because the last one ended without knowing every domain's place. */
  #restarts(state: State, centre: Centre, visit: Visit): void {
    if (centre.journal.endsWith('E')) return;
    const left = centre.arbitratorCrashes - 1;
    for (let kept = 0; left >= 0 && kept <= centre.queue.length; kept += 1) {
      const journal = centre.journal + centre.queue.slice(0, kept);
      const to = this.#restarted(state, { ...centre, journal, arbitratorCrashes: left });
      visit(to, -1, `crashes, is started again and reads "${journal}"`, false, null);
    }
    if (centre.phase === 'finished' && centre.queue === '') {
      visit(this.#restarted(state, centre), -1, `is started again and reads "${centre.journal}"`, true, null);
    }
  }

  #restarted(state: State, centre: Centre): State {
    const opened = { ...centre, queue: '', broken: false };
    const reaction = restart(this.#protocol, opened.journal, state.length - 1);
    return reaction === null ? state.with(0, this.#centres.id(opened)) : this.#after(state, opened, reaction);
  }

  #react(state: State, centre: Centre, event: GroupEvent): Reaction | null {
    const progress = state.slice(1).map((id) => this.#members.at(id).progress);
    const key = `${centre.phase} ${centre.commitMayBeWritten} ${progress}`;
    const known = this.#reactions.get(event) ?? new Map<string, Reaction | null>();
    this.#reactions.set(event, known);
    const before = known.get(key);
    if (before !== undefined) return before;
    const reaction = react(this.#protocol, centre, progress, event);
    known.set(key, reaction);
    return reaction;
  }

  #after(state: State, centre: Centre, { mind, progress, orders, records }: Reaction): State {
    const members = progress.map((known, at) => {
      const id = state[at + 1]!;
      const { progress: before, world } = this.#members.at(id);
      if (known === before && orders[at]!.length === 0) return id;
      return this.#members.id({ progress: known, world: withOrders(world, orders[at]!) });
    });
    return [this.#centres.id({ ...centre, ...mind, queue: centre.queue + records }), ...members];
  }

  #parts([centre, ...members]: State): [Centre, Member[]] {
    return [this.#centres.at(centre!), members.map((id) => this.#members.at(id))];
  }
}
