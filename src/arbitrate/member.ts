import { Activity } from '../adapt/activity.ts';
import { type Adaptation, forecastFor } from '../adapt/adaptation.ts';
import type {
  Domain,
  EngineEvent,
  EngineOptions,
  EngineOutcome,
  EngineProgress,
  MigrationEngine,
  MigrationState,
  Round,
  StopReason,
} from '../domains/domain.ts';
import type { VmbuddiesError } from '../errors.ts';
import { type Clock, hostClock } from '../measure/clock.ts';
import { DirtyProfile } from '../measure/profile.ts';
import type { DomainLoad } from '../model/load.ts';
import type { GroupMember } from '../strategy/division.ts';

const pageBytes = 4096;
const nothingYet: EngineProgress = {
  state: 'idle',
  round: 0,
  roundPages: 0,
  roundDonePages: 0,
  dirtyPages: 0,
  sentBytes: 0,
  seconds: 0,
};

/** Dirty rates before and after a change, as windows of a second would show them. */
export interface NewPhase {
  readonly fromBytesPerSecond: number;
  readonly toBytesPerSecond: number;
}

/** How far a domain's migration is. */
export interface MemberStanding {
  readonly state: MigrationState;
  readonly bytesPerSecond: number | null;
  readonly rounds: readonly JudgedRound[];
  /** Of the round under way, or of the last one. */
  readonly roundPages: number;
  readonly roundDonePages: number;
  /** Since the dirty log was cleaned last: at the beginning of the round under way, or of the last one. */
  readonly cleanedSecondsAgo: number;
  readonly catchingUp: boolean;
  /** Since its guest was told to stop; 0 if it was not. */
  readonly suspendedSeconds: number;
}

/** What a stop rule looks at in a round. */
export type JudgedRound = Omit<Round, 'round' | 'logSeconds'>;

/** One domain of a group under way: its engine, and all that is known of it so far. */
export class Member {
  readonly domain: Domain;
  readonly profile: DirtyProfile;
  readonly presentBytes: number;
  rounds: Round[] = [];
  stopReason: StopReason | null = null;
  /** How the engine ended: exactly one of the two, once it has. */
  outcome: EngineOutcome | null = null;
  error: VmbuddiesError | null = null;
  /** What a migration that failed had come to. */
  #failed: EngineOutcome | null = null;
  bytesPerSecond: number | null = null;
  /** With what it began. */
  begun: { readonly load: DomainLoad; readonly bytesPerSecond: number } | null = null;
  /** A wait-and-copy round was ordered and has not ended. */
  catchingUp = false;
  /** A change of the dirty rate that the last round has given away. */
  newPhase: NewPhase | null = null;
  /** From then on the guest may be running at the destination. */
  toldToCommit = false;
  /** Of a domain that was measured and found at work. */
  readonly #activity: Activity | null;
  readonly #adaptation: Adaptation;
  readonly #clock: Pick<Clock, 'now'>;
  #engine: MigrationEngine | null = null;
  #progress = nothingYet;
  #roundBegan = 0;
  /** On the clock: when its dirty log was cleaned last, and when it was told to stop. */
  #cleanedAt = 0;
  #stoppedAt: number | null = null;
  #connected = false;
  #toldToStop = false;
  #finalCopyBegins = false;

  constructor(
    domain: Domain,
    profile = new DirtyProfile(),
    adaptation: Adaptation = 'phases',
    clock: Pick<Clock, 'now'> = hostClock,
  ) {
    this.domain = domain;
    this.#clock = clock;
    this.profile = profile;
    this.presentBytes = presentBytesOf(domain);
    this.#adaptation = adaptation;
    const { series } = profile;
    const bytesPerSecond = series.reduce((sum, sample) => sum + sample / series.length, 0) || profile.dirtyAfter(1);
    this.#activity = bytesPerSecond > 0 ? new Activity(forecastFor(adaptation, series), bytesPerSecond) : null;
  }

  /** What it came to, failed or not; null before that, and for one that failed before it began. */
  get account(): EngineOutcome | null {
    return this.outcome ?? this.#failed;
  }

  get name(): string {
    return this.domain.name;
  }

  get state(): MigrationState {
    return this.outcome?.state ?? (this.error ? 'aborted' : this.#progress.state);
  }

  /** Where rounds have ended since the engine last told how far it is, that counts too. */
  get progress(): EngineProgress {
    const { outcome, rounds, state } = this;
    const ofRounds = rounds.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    return {
      ...this.#progress,
      state,
      round: state === 'precopy' ? rounds.length : Math.max(rounds.length - 1, this.#progress.round),
      sentBytes: outcome?.sentBytes ?? Math.max(this.#progress.sentBytes, ofRounds),
    };
  }

  get started(): boolean {
    return this.#engine !== null;
  }

  /** The destination has let it in. */
  get connected(): boolean {
    return this.#connected;
  }

  get toldToStop(): boolean {
    return this.#toldToStop;
  }

  get ended(): boolean {
    return this.outcome !== null || this.error !== null;
  }

  /** True in the one event that first tells how much the final copy has to send. */
  get finalCopyBegins(): boolean {
    return this.#finalCopyBegins;
  }

  /** Connects, and holds there until it is to begin; the promise is the engine's. */
  async start(options: EngineOptions, onEvent: (event: EngineEvent) => void): Promise<EngineOutcome> {
    this.#engine = this.domain.openEngine(options);
    return await this.#engine.run((event) => {
      this.#note(event);
      onEvent(event);
    });
  }

  /**
   * Pre-copy begins, as soon as it is connected. `inForce` is what the engine is told, here and below: Infinity for a share
   * of a link without a limit.
   */
  begin(bytesPerSecond: number, inForce = bytesPerSecond): void {
    this.bytesPerSecond = bytesPerSecond;
    this.begun = { load: this.view(this.presentBytes / bytesPerSecond).load, bytesPerSecond };
    this.#progress = { ...nothingYet, state: 'precopy', roundPages: this.presentBytes / pageBytes };
    this.#engine?.begin(inForce);
  }

  setRate(bytesPerSecond: number, inForce = bytesPerSecond): void {
    this.bytesPerSecond = bytesPerSecond;
    this.#engine?.setRate(inForce);
  }

  catchUp(): void {
    this.catchingUp = true;
    this.#engine?.catchUp();
  }

  stopAndCopy(): void {
    this.#toldToStop = true;
    this.#stoppedAt ??= this.#clock.now();
    this.#engine?.stopAndCopy();
  }

  /** False: it has ended by itself, or is about to. */
  pledge(): boolean {
    return this.#engine?.pledge() ?? false;
  }

  commit(): void {
    this.toldToCommit = true;
    this.#engine?.commit();
  }

  abort(): void {
    this.#engine?.abort();
  }

  /** Bytes a final copy would send now, as far as is known. */
  get finalBytes(): number {
    const { state, roundPages, roundDonePages, dirtyPages } = this.#progress;
    if (state === 'stopping') return (roundPages - roundDonePages) * pageBytes;
    // What a round that was left midway has not sent is in no dirty log any more.
    const { unsentPages = 0, deferredPages = 0 } = this.rounds.at(-1) ?? {};
    return (dirtyPages + unsentPages + deferredPages) * pageBytes;
  }

  /** What will be dirty so long after the log was cleaned, at the pace of the present phase. */
  dirtyAfter(seconds: number): number {
    return this.profile.dirtyAfter(this.#pace * seconds);
  }

  /** What so many seconds from now will have added to what is dirty, while it waits. */
  stalesBy(seconds: number): number {
    const age = Math.max(0, this.#progress.seconds - this.#roundBegan);
    return this.dirtyAfter(age + seconds) - this.dirtyAfter(age);
  }

  /** The rest of the present round, and what has been dirtied since it began, as far as is known. */
  get leftBytes(): number {
    if (this.begun === null) return this.presentBytes;
    const { roundPages, roundDonePages, seconds } = this.#progress;
    const dirtied = this.dirtyAfter(Math.max(0, seconds - this.#roundBegan));
    return (roundPages - roundDonePages) * pageBytes + dirtied;
  }

  /** How far it is, as a forecast takes it. */
  get standing(): MemberStanding {
    const { state, roundPages, roundDonePages } = this.progress;
    const now = this.#clock.now();
    return {
      state: !this.started ? 'idle' : state === 'waiting' && this.#toldToStop ? 'stopping' : state,
      bytesPerSecond: this.bytesPerSecond,
      rounds: this.rounds,
      roundPages,
      roundDonePages,
      cleanedSecondsAgo: this.#connected ? Math.max(0, now - this.#cleanedAt) : 0,
      catchingUp: this.catchingUp,
      suspendedSeconds: this.#stoppedAt === null ? 0 : now - this.#stoppedAt,
    };
  }

  /** How hard it is expected to work over so many seconds, relative to when it was measured. */
  paceOver(seconds: number): number {
    return this.#activity && seconds > 0 ? this.#activity.next(seconds).mean : this.#pace;
  }

  /**
   * What the division of the link goes by. `horizonSeconds` is about the length of a round 0, and `leftSeconds` the time
   * over which the domain's pace is to be predicted.
   */
  view(horizonSeconds: number, leftSeconds = () => horizonSeconds): GroupMember {
    const load = () => this.#load(horizonSeconds, leftSeconds());
    return {
      // Told to stop is as good as stopping: the link is divided for the final copies before the first of them begins.
      state: this.state === 'waiting' && this.#toldToStop ? 'stopping' : this.state,
      // Fitting a curve to the rounds costs far more than the rest, and most divisions have no use for it.
      get load() {
        return load();
      },
      finalBytes: this.finalBytes,
      catchingUp: this.catchingUp,
      sentOnce: this.rounds.length > 0,
    };
  }

  #load(horizonSeconds: number, leftSeconds: number): GroupMember['load'] {
    const memoryBytes = Math.max(this.presentBytes, pageBytes);
    const pace = this.paceOver(leftSeconds);
    const { wwsBytes, dirtyBytesPerSecond } = this.profile.estimate(memoryBytes, horizonSeconds, pace);
    return {
      memoryBytes,
      wwsBytes,
      dirtyBytesPerSecond,
      remainingBytes: Math.min(this.leftBytes, memoryBytes),
      sentBytes: this.#progress.sentBytes,
    };
  }

  get #pace(): number {
    return this.#activity?.pace ?? 1;
  }

  /** The curve is of the pace at which it was measured: at twice that, a round stands for one of twice its length. */
  #learnFrom({ seconds, dirtiedPages, unsentPages }: Round): void {
    const dirtyPages = dirtiedPages - unsentPages;
    const change = this.#activity?.observe(seconds, dirtyPages * pageBytes, this.profile);
    const isPhase = change && this.#adaptation === 'phases';
    this.newPhase = isPhase ? { fromBytesPerSecond: change.before, toBytesPerSecond: change.after } : null;
    this.profile.addRound({ seconds: seconds * this.#pace, dirtyPages });
  }

  #note(event: EngineEvent): void {
    if (!this.#connected) this.#cleanedAt = this.#clock.now();
    this.#connected = true;
    if (event.type === 'progress') {
      const { state, round, roundPages } = event.progress;
      this.#finalCopyBegins = state === 'stopping' && roundPages > 0 && round !== this.#progress.round;
      this.#progress = event.progress;
    } else if (event.type === 'state') {
      const sends = event.state === 'precopy' || event.state === 'waiting' || event.state === 'stopping';
      if (!sends) this.bytesPerSecond = null;
      if (event.state === 'waiting') this.#cleanedAt -= this.rounds.at(-1)?.seconds ?? 0;
      this.#progress = { ...this.#progress, state: event.state };
      this.stopReason = event.stopReason ?? this.stopReason;
    } else if (event.type === 'failed') {
      this.#failed = event.outcome;
    } else {
      const { round } = event;
      if (round.kind === 'wait-and-copy') this.catchingUp = false;
      // The next round begins with a clean, unless the domain waits; then the last clean is the one before this round.
      this.#cleanedAt = this.#clock.now() - (round.kind === 'precopy' ? 0 : round.seconds);
      this.rounds.push(round);
      this.#learnFrom(round);
      this.#roundBegan = this.#progress.seconds;
      this.#progress = {
        ...this.#progress,
        roundPages: round.dirtiedPages,
        roundDonePages: 0,
        dirtyPages: round.dirtiedPages - round.unsentPages,
      };
    }
  }
}

/** 0 for a guest that is no more. */
function presentBytesOf(domain: Domain): number {
  try {
    return domain.info().presentBytes;
  } catch {
    return 0;
  }
}
