import type { GroupEvent } from '../arbitrate/group-event.ts';
import { type BalloonDecision, decideBalloon } from '../balloon/decide.ts';
import type { Domain } from '../domains/domain.ts';
import { VmbuddiesError, type Where } from '../errors.ts';
import type { Surroundings } from './surroundings.ts';

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

/** What was decided for a domain that shall give some of its memory back. */
interface Balloon {
  readonly domain: Domain;
  readonly presentBytes: number;
  readonly targetBytes: number;
  readonly reason: BalloonDecision['reason'];
}

/** Two readings nearer to each other than this tell no growth. */
const leastApartSeconds = 0.5;

/** Ballooning around a group's migration: free memory is given back before it and had again after it, wherever that is. */
export class Balloons {
  readonly #emit: (event: GroupEvent) => void;
  readonly #surroundings: Pick<Surroundings, 'clock' | 'balloons'>;
  readonly #presentBefore = new Map<Domain, number>();
  readonly #earlier = new Map<Domain, Reading>();

  constructor(emit: (event: GroupEvent) => void, surroundings: Pick<Surroundings, 'clock' | 'balloons'>) {
    this.#emit = emit;
    this.#surroundings = surroundings;
  }

  /** Looks what each domain uses some time before it is to give the rest back, to see whether that grows. */
  async lookAhead(domains: readonly Domain[]): Promise<void> {
    await Promise.all(
      domains.map(async (domain) => {
        const usedBytes = await domain.usedBytes();
        if (usedBytes !== null) this.#earlier.set(domain, { usedBytes, seconds: this.#surroundings.clock.now() });
      }),
    );
  }

  /**
   * As far as is sensible for each domain, if it is to do with it for so many seconds. Nobody guesses: a guest that does
   * not say what is free keeps it all.
   */
  async giveBack(domains: readonly Domain[], seconds = 0): Promise<void> {
    const decided = await Promise.all(domains.map((domain) => this.#decide(domain, seconds)));
    const balloons = decided.filter((balloon) => balloon !== null);
    if (balloons.length === 0) return;
    for (const { domain } of balloons) {
      const { presentBytes, memoryBytes } = domain.info();
      // A Xen guest has a few pages beyond what it may be given, for its boot and its rings.
      this.#presentBefore.set(domain, Math.min(presentBytes, memoryBytes));
    }
    const before = [...this.#presentBefore].map(([domain, presentBytes]) => ({
      reference: domain.reference,
      presentBytes,
      ...(domain.kind !== 'sim' && { uuid: domain.info().uuid }),
      ...(domain.kind === 'process' && { registry: domain.registry }),
    }));
    await this.#surroundings.balloons.write(before);
    const settled = await Promise.allSettled(balloons.map((balloon) => this.#inflate(balloon)));
    const failure = settled.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  /**
   * Undoes it where each domain is now; one whose place is unknown is left alone. Best effort: a guest that runs with
   * less memory than it had is no reason to call its migration a failure, so that is told and nothing more.
   */
  async restore(whereIs: (domain: Domain) => Where, { to, ssh }: Destination): Promise<void> {
    if (this.#presentBefore.size === 0) return;
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
    // The outcome has told what was left undone: the record is for who is killed before he can tell.
    await this.#surroundings.balloons.remove();
  }

  /** Null where nothing is to be given back. */
  async #decide(domain: Domain, seconds: number): Promise<Balloon | null> {
    const { presentBytes } = domain.info();
    const usedBytes = await domain.usedBytes();
    if (usedBytes === null) {
      this.#skip(domain, 'no agent in the guest says how much of its memory is free');
      return null;
    }
    const growthBytesPerSecond = this.#growth(domain, usedBytes);
    const { targetBytes, reason } = decideBalloon({ presentBytes, usedBytes, growthBytesPerSecond, seconds });
    return targetBytes === null ? null : { domain, presentBytes, targetBytes, reason };
  }

  async #inflate({ domain, presentBytes, targetBytes, reason }: Balloon): Promise<void> {
    const toBytes = await domain.balloon(targetBytes);
    this.#emit({ type: 'balloon', domain: domain.name, fromBytes: presentBytes, toBytes, reason });
  }

  /** In bytes per second; 0 where nobody has looked before. */
  #growth(domain: Domain, usedBytes: number): number {
    const earlier = this.#earlier.get(domain);
    const apart = earlier ? this.#surroundings.clock.now() - earlier.seconds : 0;
    return earlier && apart >= leastApartSeconds ? (usedBytes - earlier.usedBytes) / apart : 0;
  }

  #skip({ name }: Domain, reason: string): void {
    this.#emit({ type: 'balloon-skipped', domain: name, reason });
  }
}
