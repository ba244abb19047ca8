import type { DirtyCount, DirtyLog, HeldMemory, PreflightCheck, SimDomain, Verification } from '../domains/domain.ts';
import type { EngineChoice, EngineName, EngineOptions, MigrationEngine } from '../domains/engine.ts';
import type { SimDomainInfo, SimWorkload } from '../domains/info.ts';
import { VmbuddiesError } from '../errors.ts';
import type { Guest } from './guest.ts';
import type { VirtualClock } from './virtual-clock.ts';

const pageBytes = 4096;

export interface SimDomainOptions {
  readonly guest: Guest;
  readonly clock: VirtualClock;
  readonly memoryBytes: number;
  readonly workload: SimWorkload;
  readonly tellsUsedMemory: boolean;
  /** See CopyingOptions. */
  readonly packed: boolean;
  readonly openEngine: (options: EngineOptions) => MigrationEngine;
}

/** A domain that is nothing but numbers on a virtual clock. */
export class OpenSimDomain implements SimDomain {
  readonly kind = 'sim';
  readonly name: string;
  readonly #options: SimDomainOptions;

  constructor(options: SimDomainOptions) {
    this.name = options.guest.name;
    this.#options = options;
  }

  get reference(): string {
    return `sim:${this.name}`;
  }

  info(): SimDomainInfo {
    const { guest, memoryBytes, workload } = this.#options;
    return {
      reference: this.reference,
      name: this.name,
      kind: 'sim',
      memoryBytes,
      presentBytes: guest.memory.presentPages * pageBytes,
      state: guest.atSource,
      workload,
    };
  }

  async suspend(): Promise<void> {
    this.#options.guest.suspend();
  }

  async resume(): Promise<void> {
    this.#options.guest.resume();
  }

  /** `force` makes no difference: whoever could forget the migration is part of the simulation. */
  async destroy(): Promise<void> {
    this.#options.guest.endSource();
  }

  async holdMemory(): Promise<HeldMemory> {
    const { presentBytes } = this.info();
    return { presentBytes, targetBytes: presentBytes };
  }

  /** At once. It is the same memory on either side. */
  async balloon(targetBytes: number): Promise<number> {
    const { memory } = this.#options.guest;
    memory.presentPages = Math.max(Math.ceil(targetBytes / pageBytes), memory.usedPages);
    return memory.presentPages * pageBytes;
  }

  async restoreMemoryAt(_to: string, _ssh: string | null, presentBytes: number): Promise<void> {
    await this.balloon(presentBytes);
  }

  async usedBytes(): Promise<number | null> {
    const { guest, tellsUsedMemory } = this.#options;
    return tellsUsedMemory ? guest.memory.usedPages * pageBytes : null;
  }

  async verify(): Promise<Verification> {
    throw this.#unavailable('verify', 'has no memory to check: it is simulated');
  }

  async openDirtyLog(): Promise<DirtyLog> {
    const { guest, clock, packed } = this.#options;
    const count = async (look: () => number): Promise<DirtyCount> => {
      guest.requireSource('dirty log');
      return { pages: Math.round(look()), probeMs: 0, guestStallMs: 0 };
    };
    const clean = () => guest.memory.clean(clock.now).reduce((sum, pages) => sum + pages, 0);
    await count(clean); // a log starts empty
    return {
      peek: () => count(() => guest.memory.dirtyPages(clock.now)),
      clean: () => count(clean),
      cleanBitmap: async () => {
        throw this.#unavailable('dirty log', 'knows how many pages are dirty, not which: it is simulated');
      },
      cleanLayout: async (slices) => {
        const pagesPerSlice = Math.ceil(this.info().memoryBytes / pageBytes / slices);
        const regions = guest.memory.regions.map(({ pages }) => pages);
        let dirty: readonly number[] = [];
        const look = () => {
          dirty = guest.memory.clean(clock.now);
          return dirty.reduce((sum, pages) => sum + pages, 0);
        };
        const counted = await count(look);
        return { ...counted, pagesPerSlice, dirtyPages: spread({ regions, dirty, packed, pagesPerSlice, slices }) };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async preflight(): Promise<PreflightCheck[]> {
    return [];
  }

  /** Anything is: a simulation has one destination. */
  checkDestination(): void {}

  engineFor(choice: EngineChoice): EngineName {
    if (choice !== 'libxenguest') return 'vmbuddies';
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${this.reference} cannot be moved by libxenguest`, {
      domain: this.name,
    });
  }

  openEngine(options: EngineOptions): MigrationEngine {
    return this.#options.openEngine(options);
  }

  place(): 'source' | 'ended' {
    return this.#options.guest.atSource === 'gone' ? 'ended' : 'source';
  }

  async claim(): Promise<void> {}
  async unclaim(): Promise<void> {}
  async stepAside(): Promise<void> {}
  async stepBack(): Promise<void> {}
  checkStepAside(): void {}
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}

  #unavailable(operation: string, what: string): VmbuddiesError {
    return new VmbuddiesError('ERR_VMBUDDIES_UNAVAILABLE', `${this.reference} ${what}`, {
      operation,
      domain: this.name,
    });
  }
}

/** Where the dirty pages of regions lie, which are one behind the other or all over the memory. */
function spread(of: {
  readonly regions: readonly number[];
  readonly dirty: readonly number[];
  readonly packed: boolean;
  readonly pagesPerSlice: number;
  readonly slices: number;
}): number[] {
  const { regions, dirty, packed, pagesPerSlice, slices } = of;
  const total = regions.reduce((sum, pages) => sum + pages, 0);
  return Array.from({ length: slices }, (_, index) => {
    const [from, to] = [index * pagesPerSlice, (index + 1) * pagesPerSlice];
    let begin = 0;
    let pages = 0;
    for (const [at, size] of regions.entries()) {
      const [first, last] = packed ? [begin, begin + size] : [0, total];
      const within = Math.max(0, Math.min(to, last) - Math.max(from, first));
      if (size > 0) pages += (dirty[at]! * within) / (last - first);
      begin += size;
    }
    return Math.round(pages);
  });
}
