import type { GroupEvent } from '../arbitrate/group-event.ts';
import { decideBalloon } from '../balloon/decide.ts';
import type { Domain } from '../domains/domain.ts';
import { VmbuddiesError, type Where } from '../errors.ts';
import { type Clock, hostClock } from '../measure/clock.ts';

/** Where and how the copies of a group are reached once they run. */
export interface Destination {
  readonly to: string;
  readonly ssh: string | null;
}

/** What a domain used, and when. */
interface Reading {
  readonly usedBytes: number;
  readonly seconds: number;
}

/** Two readings nearer to each other than this tell no growth. */
const leastApartSeconds = 0.5;

/** Ballooning around a group's migration: free memory is given back before it and had again after it, wherever that is. */
export class Balloons {
  readonly #emit: (event: GroupEvent) => void;
  readonly #clock: Clock;
  readonly #presentBefore = new Map<Domain, number>();
  readonly #earlier = new Map<Domain, Reading>();

  constructor(emit: (event: GroupEvent) => void, clock: Clock = hostClock) {
    this.#emit = emit;
    this.#clock = clock;
  }

  /** Looks what each domain uses some time before it is to give the rest back, to see whether that grows. */
  async lookAhead(domains: readonly Domain[]): Promise<void> {
    await Promise.all(
      domains.map(async (domain) => {
        const usedBytes = await domain.usedBytes();
        if (usedBytes !== null) this.#earlier.set(domain, { usedBytes, seconds: this.#clock.now() });
      }),
    );
  }

  /**
   * As far as is sensible for each domain, if it is to do with it for so many seconds. Nobody guesses: a guest that does
   * not say what is free keeps it all.
   */
  async giveBack(domains: readonly Domain[], seconds = 0): Promise<void> {
    const settled = await Promise.allSettled(domains.map((domain) => this.#giveBack(domain, seconds)));
    const failure = settled.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  /**
   * Undoes it where each domain is now; one whose place is unknown is left alone. Best effort: a guest that runs with
   * less memory than it had is no reason to call its migration a failure, so that is told and nothing more.
   */
  async restore(whereIs: (domain: Domain) => Where, { to, ssh }: Destination): Promise<void> {
    await Promise.all(
      [...this.#presentBefore].map(async ([domain, bytes]) => {
        try {
          const where = whereIs(domain);
          if (where === 'source') await domain.balloon(bytes);
          if (where === 'destination') await domain.restoreMemoryAt(to, ssh, bytes);
        } catch (thrown) {
          this.#skip(domain, VmbuddiesError.from(thrown).message);
        }
      }),
    );
  }

  async #giveBack(domain: Domain, seconds: number): Promise<void> {
    const { presentBytes, memoryBytes } = domain.info();
    const usedBytes = await domain.usedBytes();
    if (usedBytes === null) {
      this.#skip(domain, 'no agent in the guest says how much of its memory is free');
      return;
    }
    const growthBytesPerSecond = this.#growth(domain, usedBytes);
    const { targetBytes, reason } = decideBalloon({ presentBytes, usedBytes, growthBytesPerSecond, seconds });
    if (targetBytes === null) return;
    // A Xen guest has a few pages beyond what it may be given, for its boot and its rings.
    this.#presentBefore.set(domain, Math.min(presentBytes, memoryBytes));
    const toBytes = await domain.balloon(targetBytes);
    this.#emit({ type: 'balloon', domain: domain.name, fromBytes: presentBytes, toBytes, reason });
  }

  /** In bytes per second; 0 where nobody has looked before. */
  #growth(domain: Domain, usedBytes: number): number {
    const earlier = this.#earlier.get(domain);
    const apart = earlier ? this.#clock.now() - earlier.seconds : 0;
    return earlier && apart >= leastApartSeconds ? (usedBytes - earlier.usedBytes) / apart : 0;
  }

  #skip({ name }: Domain, reason: string): void {
    this.#emit({ type: 'balloon-skipped', domain: name, reason });
  }
}
