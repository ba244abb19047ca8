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
  bytesPerSecond: number | null = null;
  /** A wait-and-copy round was ordered and has not ended. */
  catchingUp = false;
  catchUps = 0;
  /** From then on the guest may be running at the destination. */
  toldToCommit = false;
  #engine: MigrationEngine | null = null;
  #progress = nothingYet;
  #roundBegan = 0;
  #toldToStop = false;
  #finalCopyBegins = false;

  constructor(domain: Domain, profile = new DirtyProfile()) {
    this.domain = domain;
    this.profile = profile;
    this.presentBytes = domain.info().presentBytes;
  }

  get name(): string {
    return this.domain.name;
  }

  get state(): MigrationState {
    return this.outcome?.state ?? (this.error ? 'aborted' : this.#progress.state);
  }

  get progress(): EngineProgress {
    return { ...this.#progress, state: this.state };
  }

  get started(): boolean {
    return this.#engine !== null;
  }

  get ended(): boolean {
    return this.outcome !== null || this.error !== null;
  }

  /** True in the one event that first tells how much the final copy has to send. */
  get finalCopyBegins(): boolean {
    return this.#finalCopyBegins;
  }

  /** Begins the migration; its promise is the engine's. */
  async start(options: EngineOptions, onEvent: (event: EngineEvent) => void): Promise<EngineOutcome> {
    this.bytesPerSecond = options.bytesPerSecond;
    this.#progress = { ...nothingYet, state: 'precopy', roundPages: this.presentBytes / pageBytes };
    this.#engine = this.domain.openEngine(options);
    return await this.#engine.run((event) => {
      this.#note(event);
      onEvent(event);
    });
  }

  setRate(bytesPerSecond: number): void {
    this.bytesPerSecond = bytesPerSecond;
    this.#engine?.setRate(bytesPerSecond);
  }

  catchUp(): void {
    this.catchingUp = true;
    this.catchUps++;
    this.#engine?.catchUp();
  }

  stopAndCopy(): void {
    this.#toldToStop = true;
    this.#engine?.stopAndCopy();
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
    return (state === 'stopping' ? roundPages - roundDonePages : dirtyPages) * pageBytes;
  }

  /** See DirtyProfile. */
  dirtyAfter(seconds: number): number {
    return this.profile.dirtyAfter(seconds);
  }

  /** What the division of the link goes by. `horizonSeconds` is about the length of a round 0. */
  view(horizonSeconds: number): GroupMember {
    const load = () => this.#load(horizonSeconds);
    return {
      // Told to stop is as good as stopping: the link is divided for the final copies before the first of them begins.
      state: this.state === 'waiting' && this.#toldToStop ? 'stopping' : this.state,
      // Fitting a curve to the rounds costs far more than the rest, and most divisions have no use for it.
      get load() {
        return load();
      },
      finalBytes: this.finalBytes,
      catchingUp: this.catchingUp,
    };
  }

  #load(horizonSeconds: number): Required<DomainLoad> {
    const memoryBytes = Math.max(this.presentBytes, pageBytes);
    const { wwsBytes, dirtyBytesPerSecond } = this.profile.estimate(memoryBytes, horizonSeconds);
    const { roundPages, roundDonePages, seconds, sentBytes } = this.#progress;
    const elapsed = Math.max(0, seconds - this.#roundBegan);
    const dirtied = wwsBytes > 0 ? wwsBytes * -Math.expm1((-dirtyBytesPerSecond * elapsed) / wwsBytes) : 0;
    const left = this.started ? (roundPages - roundDonePages) * pageBytes + dirtied : memoryBytes;
    return {
      memoryBytes,
      wwsBytes,
      dirtyBytesPerSecond,
      remainingBytes: Math.min(left, memoryBytes),
      sentBytes,
    };
  }

  #note(event: EngineEvent): void {
    if (event.type === 'progress') {
      const { state, round, roundPages } = event.progress;
      this.#finalCopyBegins = state === 'stopping' && roundPages > 0 && round !== this.#progress.round;
      this.#progress = event.progress;
    } else if (event.type === 'state') {
      this.#progress = { ...this.#progress, state: event.state };
      this.stopReason = event.stopReason ?? this.stopReason;
    } else {
      const { round } = event;
      if (round.kind === 'wait-and-copy') this.catchingUp = false;
      this.rounds.push(round);
      this.profile.addRound({ seconds: round.seconds, dirtyPages: round.dirtiedPages - round.unsentPages });
      this.#roundBegan = this.#progress.seconds;
      this.#progress = {
        ...this.#progress,
        roundPages: round.dirtiedPages,
        roundDonePages: 0,
        dirtyPages: round.dirtiedPages,
      };
    }
  }
}
