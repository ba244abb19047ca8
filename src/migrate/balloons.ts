import type { GroupEvent } from '../arbitrate/group-event.ts';
import { type BalloonDecision, decideBalloon } from '../balloon/decide.ts';
import type { Domain, HeldMemory } from '../domains/domain.ts';
import { VmbuddiesError, type Where } from '../errors.ts';
import { formatSize } from '../units.ts';
import type { MemoryBefore } from './balloon-record.ts';
import type { Surroundings } from './surroundings.ts';

/** Where and how the copies of a group are reached once they run. */
export interface Destination {
  readonly to: string;
  readonly ssh: string | null;
  readonly secret?: Uint8Array | undefined;
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

/** A guest has these many bytes more or less than its target when it has got there: xl's LIBXL_MAXMEM_CONSTANT. */
const slackBytes = 2 ** 20;

/**
 * A group's memory around its migration: free memory is given back before it and had again after it, wherever that is, and
 * nothing comes or goes in between.
 */
export class Balloons {
  readonly #emit: (event: GroupEvent) => void;
  readonly #surroundings: Pick<Surroundings, 'clock' | 'balloons'>;
  readonly #memoryBefore = new Map<Domain, number>();
  readonly #held = new Map<Domain, HeldMemory>();
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
    await this.#remember(balloons.map(({ domain }) => domain));
    await allOf(balloons.map((balloon) => this.#inflate(balloon)));
  }

  /**
   * From here on what each domain has stays as it is, so that what the destination is told of it is true. To be called
   * once ballooning is done, whether or not anything was given back.
   */
  async hold(domains: readonly Domain[]): Promise<void> {
    await this.#remember(domains.filter((domain) => Math.abs(presentOf(domain) - targetOf(domain)) > slackBytes));
    await allOf(domains.map(async (domain) => this.#held.set(domain, await domain.holdMemory())));
  }

  /**
   * Undoes it where each domain is now; one whose place is unknown is left alone, and on record. Best effort: a
   * guest that runs with less memory than it had is no reason to call its migration a failure, so that is told and
   * nothing more.
   */
  async restore(whereIs: (domain: Domain) => Where, { to, ssh, secret }: Destination): Promise<void> {
    if (this.#memoryBefore.size === 0) return;
    await Promise.all(
      [...this.#memoryBefore].map(async ([domain, bytes]) => {
        try {
          const where = whereIs(domain);
          if (where === 'source') await this.#restoreHere(domain, bytes);
          if (where === 'destination') await domain.restoreMemoryAt(to, ssh, bytes, secret);
        } catch (thrown) {
          this.#skip(domain, VmbuddiesError.from(thrown).message);
        }
      }),
    );
    // Of the others the outcome has told what was left undone.
    const unknown = [...this.#memoryBefore.keys()].filter((domain) => whereIs(domain) === 'unknown');
    if (unknown.length > 0) await this.#surroundings.balloons.write(this.#recorded(unknown));
    else await this.#surroundings.balloons.remove();
  }

  async #restoreHere(domain: Domain, bytes: number): Promise<void> {
    const held = this.#held.get(domain);
    const targetBytes = targetOf(domain);
    if (held && domain.kind === 'xen' && targetBytes !== held.targetBytes) {
      const size = formatSize(targetBytes);
      this.#skip(domain, `another program has set its memory target to ${size} meanwhile, which is left as it is`);
      return;
    }
    const presentBytes = await domain.balloon(bytes);
    if (presentBytes >= bytes - slackBytes) return;
    const has = `it has ${formatSize(presentBytes)} of its ${formatSize(bytes)} again so far`;
    this.#skip(domain, `${has}, and the rest when its kernel takes it`);
  }

  /** Writes down, once, what memory domains have that is about to change. */
  async #remember(domains: readonly Domain[]): Promise<void> {
    const forgotten = domains.filter((domain) => !this.#memoryBefore.has(domain));
    if (forgotten.length === 0) return;
    for (const domain of forgotten) this.#memoryBefore.set(domain, memoryOf(domain));
    await this.#surroundings.balloons.write(this.#recorded([...this.#memoryBefore.keys()]));
  }

  #recorded(domains: readonly Domain[]): MemoryBefore[] {
    return domains.map((domain) => ({
      reference: domain.reference,
      presentBytes: this.#memoryBefore.get(domain)!,
      ...(domain.kind !== 'sim' && { uuid: domain.info().uuid }),
      ...(domain.kind === 'process' && { registry: domain.registry }),
    }));
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
    if (toBytes < presentBytes) {
      this.#emit({ type: 'balloon', domain: domain.name, fromBytes: presentBytes, toBytes, reason });
      return;
    }
    const asked = `asked to do with ${formatSize(targetBytes)} of ${formatSize(presentBytes)}`;
    this.#skip(domain, `${asked}, its kernel has not given any memory back, and it moves with what it has`);
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

const presentOf = (domain: Domain): number => domain.info().presentBytes;

/** What it has, where nobody asks it for more or less. */
function targetOf(domain: Domain): number {
  const info = domain.info();
  return 'targetBytes' in info ? info.targetBytes : info.presentBytes;
}

/** What a domain is to have again: what it was told to have, and no more than it may. */
function memoryOf(domain: Domain): number {
  return Math.min(targetOf(domain), domain.info().memoryBytes);
}

/** Waits for the end of all of them before it passes on the first failure. */
async function allOf(promises: readonly Promise<unknown>[]): Promise<void> {
  const failure = (await Promise.allSettled(promises)).find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
