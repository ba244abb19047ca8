import { VmbuddiesError } from '../errors.ts';
import type { Misbehaviour } from './faults.ts';
import type { Guest } from './guest.ts';
import type { Orders } from './orders.ts';
import type { SharedLink } from './shared-link.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SimDestinationOptions {
  readonly clock: VirtualClock;
  readonly link: SharedLink;
  readonly guest: Guest;
  /** How long the next message takes, one way. */
  readonly messageSeconds: () => number;
  readonly misbehaviour: ReadonlySet<Misbehaviour>;
}

/** What starting a copy takes, about as long as a process domain's. */
const startSeconds = 0.001;
/** A real engine gives up on a silent destination after this (src/domains/process-engine.ts). */
const stallTimeoutSeconds = 30;

/** The other side, as one simulated migration sees it. The counterpart of native/core/destination.h. */
export class SimDestination {
  readonly #options: SimDestinationOptions;
  #lost: VmbuddiesError | null = null;

  constructor(options: SimDestinationOptions) {
    this.#options = options;
  }

  /** Waits for the time of a question and its answer. @throws {VmbuddiesError} ERR_VMBUDDIES_PEER: there came none */
  async ask(orders: Orders): Promise<void> {
    const { guest, messageSeconds } = this.#options;
    const seconds = messageSeconds() + messageSeconds();
    await orders.pause(Math.min(seconds, stallTimeoutSeconds));
    if (seconds > stallTimeoutSeconds) throw peerError(`the destination of ${guest.name} has not answered`);
  }

  /** From now on it cannot be reached. */
  lose(error: VmbuddiesError): void {
    this.#lost ??= error;
  }

  /** @throws {VmbuddiesError} why it cannot be reached, if so */
  checkAlive(): void {
    const lost = this.#options.link.broken ?? this.#lost;
    if (lost) throw lost;
  }

  /** All of the guest has arrived. */
  receive(): void {
    this.#options.guest.receive();
  }

  /**
   * Orders the start and waits for its confirmation.
   * @throws {VmbuddiesError} ERR_VMBUDDIES_PEER_REFUSED: it certainly does not run there. Any other: nobody knows.
   */
  async commit(): Promise<void> {
    const { clock, guest, misbehaviour, messageSeconds } = this.#options;
    const orderSeconds = messageSeconds();
    const answerSeconds = messageSeconds();
    await this.#pass(orderSeconds);
    this.checkAlive();
    if (misbehaviour.has('start-refused')) {
      await this.#pass(answerSeconds);
      throw this.#failure('ERR_VMBUDDIES_PEER_REFUSED', 'could not be started at the destination');
    }
    await clock.sleep(startSeconds);
    guest.startCopy();
    await this.#pass(misbehaviour.has('confirmation-lost') ? Number.POSITIVE_INFINITY : answerSeconds);
    this.checkAlive();
  }

  /** Drops the copy. */
  abort(): void {
    this.#options.guest.endCopy();
  }

  /** A message of the commit is on its way; a sender that hears nothing gives up. */
  async #pass(seconds: number): Promise<void> {
    await this.#options.clock.sleep(Math.min(seconds, stallTimeoutSeconds));
    if (seconds <= stallTimeoutSeconds) return;
    throw this.#failure('ERR_VMBUDDIES_PEER', 'was told to start, and nobody has said that it did');
  }

  #failure(code: 'ERR_VMBUDDIES_PEER' | 'ERR_VMBUDDIES_PEER_REFUSED', what: string): VmbuddiesError {
    return new VmbuddiesError(code, `the copy of ${this.#options.guest.name} ${what}`);
  }
}

/** The other side, or the way to it, is gone. */
export function peerError(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_PEER', message);
}
