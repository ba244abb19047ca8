import {
  type EngineEvent,
  type EngineOutcome,
  type EngineProgress,
  giveUpAfterMs,
  type MigrationEngine,
  type MigrationState,
  type Round,
  type StopReason,
} from '../domains/engine.ts';
import { VmbuddiesError, type VmbuddiesErrorCode, type Where } from '../errors.ts';
import type { Misbehaviour } from './faults.ts';
import type { Guest } from './guest.ts';
import { Aborted, Orders } from './orders.ts';
import type { SharedLink } from './shared-link.ts';
import { SimDestination } from './sim-destination.ts';
import { SimRounds } from './sim-rounds.ts';
import type { StopRule } from './stop-rule.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';

export interface SimEngineOptions {
  readonly clock: VirtualClock;
  readonly link: SharedLink;
  readonly guest: Guest;
  readonly packed: boolean;
  readonly stopRule: StopRule;
  readonly maxDowntimeMs: number | null;
  readonly misbehaviour: ReadonlySet<Misbehaviour>;
  /** How long the next message to or from the destination takes. */
  readonly messageSeconds: () => number;
  /** What connecting takes beside its messages. */
  readonly connectSeconds: number;
  /** Called before each event that may make somebody look at the whole group: it must find every engine's progress. */
  readonly onNews: () => void;
}

/** As in native/core/migration_loop.cc: how far the final copy may grow while a domain waits. */
const finalCopyGrowth = 2;
const finalCopyPages = 64;
/** As a process domain's (src/domains/process-engine.ts). */
const suspendTimeoutSeconds = 5;
/** What suspending a guest takes, about as long as a process domain's. */
const suspendSeconds = 0.001;

/** One simulated migration: the states of native/core/migration_loop.cc, in virtual time. */
export class SimEngine implements MigrationEngine {
  readonly #options: SimEngineOptions;
  readonly #orders: Orders;
  readonly #rounds: SimRounds;
  readonly #destination: SimDestination;
  #beganAt: number;
  #onEvent: (event: EngineEvent) => void = () => {};
  #state: MigrationState = 'idle';
  #stopReason: StopReason | null = null;
  #suspendedAt = 0;
  #startedAt = 0;
  #ranAgainAt = 0;
  #toldToStart = false;
  #pauseTimer: Timer | null = null;
  #pledged = false;
  #overran = false;

  constructor(options: SimEngineOptions) {
    const { clock, link, guest, packed, stopRule, misbehaviour, messageSeconds } = options;
    this.#options = options;
    this.#beganAt = clock.now;
    this.#orders = new Orders(clock);
    this.#destination = new SimDestination({ clock, link, guest, misbehaviour, messageSeconds });
    const { trafficLeft } = stopRule;
    this.#rounds = new SimRounds({ clock, link, guest, packed, orders: this.#orders, trafficLeft });
  }

  async run(onEvent: (event: EngineEvent) => void): Promise<EngineOutcome> {
    this.#onEvent = onEvent;
    try {
      await this.#toPrepared();
      return await this.#commit();
    } catch (error) {
      // A defect of the simulation must not pass for a migration that has failed.
      if (!(error instanceof Aborted || error instanceof VmbuddiesError)) this.#options.clock.stop(error);
      return this.#giveUp(error as Error);
    } finally {
      this.#pauseTimer?.cancel();
      this.#rounds.close();
    }
  }

  begin(bytesPerSecond: number): void {
    this.setRate(bytesPerSecond);
    this.#orders.begin = true;
    this.#orders.wake();
  }

  setRate(bytesPerSecond: number): void {
    this.#orders.bytesPerSecond = bytesPerSecond;
    this.#rounds.heedRate();
  }

  catchUp(): void {
    this.#orders.catchUps++;
    this.#orders.wake();
  }

  stopAndCopy(): void {
    this.#orders.stopAndCopy = true;
    this.#orders.wake();
  }

  pledge(): boolean {
    this.#pledged = this.#state === 'prepared' && !this.#orders.broken;
    return this.#pledged;
  }

  commit(): void {
    this.#orders.commit = true;
    this.#orders.wake();
  }

  abort(): void {
    this.#orders.break(new Aborted());
  }

  /** The guest is no more. Once the destination holds all of it, it is not needed any more. */
  loseSource(): void {
    if (this.#state !== 'prepared') this.#orders.break(this.#failure('ERR_VMBUDDIES_DOMAIN_GONE', 'has ended'));
  }

  /** What receives it is no more. */
  loseDestination(error: VmbuddiesError): void {
    this.#destination.lose(error);
    this.#orders.break(error);
  }

  /** Tells how far it is, as long as there is something to tell. */
  report(): void {
    if (this.#state === 'idle' || this.#state === 'committed' || this.#state === 'aborted') return;
    this.#onEvent({ type: 'progress', progress: this.#progress() });
  }

  async #toPrepared(): Promise<void> {
    const { stopRule } = this.#options;
    const orders = this.#orders;
    this.#destination.checkAlive();
    await this.#destination.ask(orders);
    await orders.pause(this.#options.connectSeconds);
    await orders.until(() => orders.begin);
    this.#beganAt = this.#options.clock.now;
    this.#enter('precopy');
    do {
      await this.#round('precopy');
      this.#stopReason = orders.stopAndCopy ? null : stopRule.evaluate(this.#rounds.made);
    } while (!orders.stopAndCopy && !this.#stopReason);
    this.#enter('waiting');
    await this.#waitAndCopy();
    this.#enter('stopping');
    await this.#suspend();
    await this.#round('stop-and-copy');
    this.#destination.receive();
    await this.#destination.ask(orders);
    this.#enter('prepared');
    await orders.until(() => orders.commit);
  }

  /** Lazy: nothing is sent as long as the final copy stays short. */
  async #waitAndCopy(): Promise<void> {
    const { clock, guest } = this.#options;
    const orders = this.#orders;
    const mostPages = Math.max(finalCopyGrowth * this.#rounds.leftPages, finalCopyPages);
    for (let caughtUp = 0; ; ) {
      const mostDirtyPages = mostPages - this.#rounds.unsentPages;
      const seconds = guest.memory.secondsUntilDirty(mostDirtyPages, clock.now);
      await orders.until(() => orders.stopAndCopy || orders.catchUps > caughtUp, seconds);
      if (orders.stopAndCopy) return;
      caughtUp = orders.catchUps;
      await this.#round('wait-and-copy');
    }
  }

  async #suspend(): Promise<void> {
    const { clock, guest, misbehaviour, maxDowntimeMs } = this.#options;
    this.#suspendedAt = clock.now;
    if (maxDowntimeMs !== null) {
      this.#pauseTimer = clock.after(giveUpAfterMs(maxDowntimeMs) / 1000, () => this.#overrun());
    }
    if (misbehaviour.has('suspend-fails')) {
      await this.#orders.pause(suspendTimeoutSeconds);
      throw this.#failure('ERR_VMBUDDIES_SUSPEND', 'did not stop in time');
    }
    await this.#orders.pause(suspendSeconds);
    guest.suspend();
  }

  #overrun(): void {
    if (this.#pledged || this.#orders.broken) return;
    this.#overran = true;
    this.#orders.break(new Aborted());
  }

  async #round(kind: Round['kind']): Promise<void> {
    const round = await this.#rounds.make(kind, () => this.report());
    this.#options.onNews();
    this.#onEvent({ type: 'round', round });
  }

  async #commit(): Promise<EngineOutcome> {
    this.#orders.throwIfBroken(); // the last chance to abort
    this.#toldToStart = true;
    try {
      await this.#destination.commit();
    } catch (error) {
      // A refusal is definite: the copy is gone, and the guest runs on here.
      if (error instanceof VmbuddiesError && error.code === 'ERR_VMBUDDIES_PEER_REFUSED') this.#toldToStart = false;
      throw error;
    }
    this.#startedAt = this.#options.clock.now;
    this.#ranAgainAt = this.#startedAt;
    this.#enter('committed');
    return this.#outcome('committed', 'destination');
  }

  #giveUp(error: Error): EngineOutcome {
    const { guest } = this.#options;
    // From the order to start on, the copy may be running: nobody resumes by himself.
    if (this.#toldToStart) throw this.#ended(error, 'unknown');
    this.#destination.abort();
    if (guest.atSource === 'suspended') {
      guest.resume();
      this.#ranAgainAt = this.#options.clock.now;
    }
    this.#enter('aborted');
    if (error instanceof Aborted) return this.#outcome('aborted', 'source');
    throw this.#ended(error, 'source');
  }

  #outcome(state: 'committed' | 'aborted', where: Where): EngineOutcome {
    const { made, presentPages, sentPages, sentBytes } = this.#rounds;
    return {
      state,
      where,
      stopReason: this.#stopReason,
      presentPages,
      sentPages,
      sentBytes,
      totalSeconds: this.#options.clock.now - this.#beganAt,
      suspendedAt: this.#suspendedAt,
      startedAt: this.#startedAt,
      downtimeSeconds: this.#pauseSeconds(),
      guestGapSeconds: this.#ranAgainAt > 0 ? this.#pauseSeconds() : null,
      overran: this.#overran,
      rounds: made,
    };
  }

  /** So far, of a guest that runs nowhere yet. */
  #pauseSeconds(): number {
    if (this.#suspendedAt === 0) return 0;
    return (this.#ranAgainAt || this.#options.clock.now) - this.#suspendedAt;
  }

  #enter(state: MigrationState): void {
    this.#options.onNews();
    this.#state = state;
    this.#onEvent({ type: 'state', state, stopReason: this.#stopReason });
  }

  #progress(): EngineProgress {
    const rounds = this.#rounds;
    // A real engine looks at the log while it waits, and not in the middle of a round.
    if (this.#state === 'waiting' && !rounds.sending) rounds.look();
    return {
      state: this.#state,
      round: rounds.sending ? rounds.made.length : Math.max(rounds.made.length - 1, 0),
      roundPages: rounds.roundPages,
      roundDonePages: rounds.roundDonePages,
      dirtyPages: rounds.dirtyPages,
      sentBytes: rounds.sentBytes,
      seconds: this.#options.clock.now - this.#beganAt,
    };
  }

  #failure(code: VmbuddiesErrorCode, what: string): VmbuddiesError {
    return new VmbuddiesError(code, `the guest of ${this.#options.guest.name} ${what}`);
  }

  #ended(cause: Error, where: Where): VmbuddiesError {
    const { code, message } = VmbuddiesError.from(cause);
    this.#onEvent({ type: 'failed', outcome: this.#outcome('aborted', where) });
    return new VmbuddiesError(code, message, { operation: 'migrate', domain: this.#options.guest.name, where, cause });
  }
}
