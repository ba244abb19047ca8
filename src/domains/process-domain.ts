import { VmbuddiesError } from '../errors.ts';
import type { NativeDomain, NativeDomainInfo, NativeWorkload } from '../native/contract.ts';
import { guestProgram, native } from '../native/load.ts';
import type { DirtyLog, Domain, DomainInfo, EngineOptions, MigrationEngine, Verification, Workload } from './domain.ts';
import { ProcessDirtyLog } from './process-dirty-log.ts';
import { openProcessEngine } from './process-engine.ts';
import { processName } from './reference.ts';
import { defaultRegistry } from './registry.ts';

const pageBytes = 4096;
const suspendTimeoutMs = 5_000;
const balloonTimeoutMs = 60_000;
const verifyTimeoutMs = 120_000;

export interface RegistryOptions {
  /** Folder in which domains are found; see {@link defaultRegistry}. */
  readonly registry?: string;
}

export interface StartDomainOptions extends RegistryOptions {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`; not starting with `.` or `-`. */
  readonly name: string;
  /** A whole number of pages, 1 MiB to 1 TiB. */
  readonly memoryBytes: number;
  /** What is left out: all memory used, no writes, seed 1. */
  readonly workload?: Partial<Workload>;
  /** Lives on when this process ends, until it is destroyed. Default: it ends with this process. */
  readonly independent?: boolean;
}

/** Starts a process domain and resolves once its guest runs. */
export async function startDomain(options: StartDomainOptions): Promise<Domain> {
  const registry = options.registry ?? defaultRegistry();
  const memoryBytes = options.memoryBytes;
  const handle = await native()
    .startDomain(registry, {
      name: options.name,
      memoryBytes,
      workload: toNativeWorkload(options.workload ?? {}, memoryBytes),
      independent: options.independent ?? false,
      guestProgram: guestProgram(),
    })
    .catch((thrown: unknown) => {
      throw VmbuddiesError.from(thrown, { domain: options.name });
    });
  return new ProcessDomain(options.name, registry, handle);
}

/** Opens a running domain by its reference. @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_NOT_FOUND */
export function openDomain(reference: string, options: RegistryOptions = {}): Domain {
  const name = processName(reference);
  const registry = options.registry ?? defaultRegistry();
  try {
    return new ProcessDomain(name, registry, native().openDomain(registry, name));
  } catch (thrown) {
    throw VmbuddiesError.from(thrown, { domain: name });
  }
}

/** Every process domain of a registry that is alive. */
export function listDomains(options: RegistryOptions = {}): DomainInfo[] {
  try {
    return native()
      .listDomains(options.registry ?? defaultRegistry())
      .map(toDomainInfo);
  } catch (thrown) {
    throw VmbuddiesError.from(thrown);
  }
}

class ProcessDomain implements Domain {
  readonly name: string;
  readonly #registry: string;
  readonly #handle: NativeDomain;

  constructor(name: string, registry: string, handle: NativeDomain) {
    this.name = name;
    this.#registry = registry;
    this.#handle = handle;
  }

  get reference(): string {
    return `process:${this.name}`;
  }

  info(): DomainInfo {
    try {
      return toDomainInfo(this.#handle.info());
    } catch (thrown) {
      throw VmbuddiesError.from(thrown, { domain: this.name });
    }
  }

  suspend(timeoutMs = suspendTimeoutMs): Promise<void> {
    return this.#call(this.#handle.suspend(timeoutMs / 1000));
  }

  resume(): Promise<void> {
    return this.#call(this.#handle.resume());
  }

  destroy(): Promise<void> {
    return this.#call(this.#handle.destroy());
  }

  balloon(targetBytes: number): Promise<number> {
    return this.#call(this.#handle.balloon(targetBytes, balloonTimeoutMs / 1000));
  }

  verify(): Promise<Verification> {
    return this.#call(this.#handle.verify(verifyTimeoutMs / 1000));
  }

  async openDirtyLog(tracker = 'auto'): Promise<DirtyLog> {
    // A handle of its own: the log must neither wait for this object's other calls nor end with them.
    const handle = native().openDomain(this.#registry, this.name);
    try {
      await this.#call(handle.enableDirtyLog(tracker));
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new ProcessDirtyLog(this.name, handle);
  }

  openEngine(options: EngineOptions): MigrationEngine {
    return openProcessEngine(this.#registry, this.name, options);
  }

  stepAside(): Promise<void> {
    return this.#call(this.#handle.rename(`${this.name}--migratedaway`));
  }

  stepBack(): Promise<void> {
    return this.#call(this.#handle.rename(this.name));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<Result>(result: Promise<Result>): Promise<Result> {
    try {
      return await result;
    } catch (thrown) {
      throw VmbuddiesError.from(thrown, { domain: this.name });
    }
  }
}

function toNativeWorkload(workload: Partial<Workload>, memoryBytes: number): NativeWorkload {
  const pages = (bytes: number) => Math.ceil(bytes / pageBytes);
  const wwsBytes = workload.wwsBytes ?? 0;
  return {
    kind: workload.kind ?? 'idle',
    seed: workload.seed ?? 1,
    usedPages: pages(workload.usedBytes ?? memoryBytes),
    wwsPages: pages(wwsBytes),
    hotPages: pages(workload.hotBytes ?? 0),
    hotWritesPerSecond: workload.hotWritesPerSecond ?? 0,
    coldWritesPerSecond: workload.coldWritesPerSecond ?? 0,
    lowLevel: workload.lowLevel ?? 0,
    periodSeconds: (workload.periodMs ?? 0) / 1000,
    phase: workload.phase ?? 0,
  };
}

function toDomainInfo(info: NativeDomainInfo): DomainInfo {
  const { usedPages, wwsPages, hotPages, periodSeconds, ...same } = info.workload;
  return {
    reference: `process:${info.name}`,
    name: info.name,
    kind: 'process',
    uuid: info.uuid,
    pid: info.pid,
    memoryBytes: info.memoryBytes,
    presentBytes: info.presentBytes,
    state: info.incoming ? 'incoming' : info.paused ? 'paused' : 'running',
    independent: info.independent,
    workload: {
      ...same,
      usedBytes: usedPages * pageBytes,
      wwsBytes: wwsPages * pageBytes,
      hotBytes: hotPages * pageBytes,
      periodMs: periodSeconds * 1000,
    },
    writes: info.writes,
    longestStallMs: info.longestStallSeconds * 1000,
    corruptPages: info.corruptPages,
  };
}
