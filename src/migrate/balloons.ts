import type { GroupEvent } from '../arbitrate/arbitrator.ts';
import { decideBalloon } from '../balloon/decide.ts';
import type { Domain } from '../domains/domain.ts';
import { VmbuddiesError, type Where } from '../errors.ts';

/** Where and how the copies of a group are reached once they run. */
export interface Destination {
  readonly to: string;
  readonly ssh: string | null;
}

/** Ballooning around a group's migration: free memory is given back before it and had again after it, wherever that is. */
export class Balloons {
  readonly #emit: (event: GroupEvent) => void;
  readonly #presentBefore = new Map<Domain, number>();

  constructor(emit: (event: GroupEvent) => void) {
    this.#emit = emit;
  }

  /** As far as is sensible for each domain. Nobody guesses: a guest that does not say what is free keeps it all. */
  async giveBack(domains: readonly Domain[]): Promise<void> {
    const settled = await Promise.allSettled(domains.map((domain) => this.#giveBack(domain)));
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

  async #giveBack(domain: Domain): Promise<void> {
    const { presentBytes, memoryBytes } = domain.info();
    const usedBytes = await domain.usedBytes();
    if (usedBytes === null) {
      this.#skip(domain, 'no agent in the guest says how much of its memory is free');
      return;
    }
    const { targetBytes, reason } = decideBalloon({ presentBytes, usedBytes });
    if (targetBytes === null) return;
    // A Xen guest has a few pages beyond what it may be given, for its boot and its rings.
    this.#presentBefore.set(domain, Math.min(presentBytes, memoryBytes));
    const toBytes = await domain.balloon(targetBytes);
    this.#emit({ type: 'balloon', domain: domain.name, fromBytes: presentBytes, toBytes, reason });
  }

  #skip({ name }: Domain, reason: string): void {
    this.#emit({ type: 'balloon-skipped', domain: name, reason });
  }
}
