import { resolve } from 'node:path';
import { VmbuddiesError } from '../errors.ts';
import { requireInteger, requireObject, requireText } from '../model/check.ts';
import type { NativeDomain, NativeDomainInfo, NativeWorkload } from '../native/contract.ts';
import { guestProgram, native } from '../native/load.ts';
import { quoteWord } from '../transfer/words.ts';
import { parseAddress } from './address.ts';
import { asideName, ownName, refuseLeftover } from './aside.ts';
import { Claim } from './claim.ts';
import type { DirtyLog, HeldMemory, PreflightCheck, ProcessDomain, Verification } from './domain.ts';
import type { EngineChoice, EngineName, EngineOptions, MigrationEngine } from './engine.ts';
import type { ProcessDomainInfo, Workload } from './info.ts';
import { call, callNow } from './native-call.ts';
import { openNativeDirtyLog } from './native-dirty-log.ts';
import { openProcessEngine } from './process-engine.ts';
import { defaultRegistry, type RegistryOptions } from './registry.ts';
import { workloadWithDefaults } from './workload.ts';

const pageBytes = 4096;
const suspendTimeoutMs = 5_000;
const balloonTimeoutMs = 60_000;
/** Beyond the receiver's own patience with its guest. */
const restoreTimeoutMs = 40_000;
const verifyTimeoutMs = 120_000;

export interface StartDomainOptions extends RegistryOptions {
  /** 1 to 64 of letters, digits, `.`, `_`, `-`; not starting with `.` or `-`, nor ending as a migration marks copies. */
  readonly name: string;
  /** A whole number of pages, 1 MiB to below 16 TiB. */
  readonly memoryBytes: number;
  /**
   * What is left out is as `vmbuddies start` has it: an idle guest, or one that writes to 40 % of its memory, a sixteenth
   * of that with 2000 page writes per second and the rest with 500; `on-off` and `waves` between that and half of it,
   * every 4 s; 60 % of the memory used; seed 1.
   */
  readonly workload?: Partial<Workload>;
  /** Lives on when this process ends, until it is destroyed. Default: it ends with this process. */
  readonly independent?: boolean;
}

/**
 * Starts a process domain and resolves once its guest runs.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, or ERR_VMBUDDIES_DOMAIN_EXISTS if the name is taken
 */
export async function startDomain(options: StartDomainOptions): Promise<ProcessDomain> {
  requireObject('options', options);
  const { name, memoryBytes, workload = {}, registry = defaultRegistry() } = options;
  requireText('name', name);
  requireInteger('memoryBytes', memoryBytes, pageBytes, Number.MAX_SAFE_INTEGER);
  requireObject('workload', workload);
  requireText('registry', registry);
  const handle = await call(name, () =>
    native().startDomain(registry, {
      name,
      memoryBytes,
      workload: toNativeWorkload(workloadWithDefaults(workload, memoryBytes)),
      independent: options.independent ?? false,
      guestProgram: guestProgram(),
    }),
  );
  return new OpenProcessDomain(name, registry, handle);
}

/** @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_NOT_FOUND */
export function openProcessDomain(name: string, registry: string): ProcessDomain {
  return new OpenProcessDomain(
    name,
    registry,
    callNow(name, () => native().openDomain(registry, name)),
  );
}

/** Every process domain of a registry that is alive. */
export function listProcessDomains(registry: string): ProcessDomainInfo[] {
  try {
    return native().listDomains(registry).map(toDomainInfo);
  } catch (thrown) {
    throw VmbuddiesError.from(thrown);
  }
}

class OpenProcessDomain implements ProcessDomain {
  readonly kind = 'process';
  readonly name: string;
  readonly registry: string;
  readonly #handle: NativeDomain;
  readonly #claim: Claim;

  constructor(name: string, registry: string, handle: NativeDomain) {
    this.name = name;
    this.registry = resolve(registry);
    this.#handle = handle;
    this.#claim = new Claim(name, handle);
  }

  get reference(): string {
    return `process:${this.name}`;
  }

  info(): ProcessDomainInfo {
    return toDomainInfo(callNow(this.name, () => this.#handle.info()));
  }

  suspend(timeoutMs = suspendTimeoutMs): Promise<void> {
    return call(this.name, () => this.#handle.suspend(timeoutMs / 1000));
  }

  async resume(): Promise<void> {
    await this.#claim.allow('resume');
    await call(this.name, () => this.#handle.resume());
  }

  async destroy({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (!force) await this.#claim.allowDestruction();
    await call(this.name, () => this.#handle.destroy());
  }

  /** Its memory changes at its own request alone, which is refused while it is moved. */
  async holdMemory(): Promise<HeldMemory> {
    const { presentBytes } = this.info();
    return { presentBytes, targetBytes: presentBytes };
  }

  async balloon(targetBytes: number): Promise<number> {
    await this.#claim.allow('balloon');
    return await call(this.name, () => this.#handle.balloon(targetBytes, balloonTimeoutMs / 1000));
  }

  async usedBytes(): Promise<number> {
    return this.info().workload.usedBytes;
  }

  verify(): Promise<Verification> {
    return call(this.name, () => this.#handle.verify(verifyTimeoutMs / 1000));
  }

  async openDirtyLog(tracker = 'auto'): Promise<DirtyLog> {
    await this.#claim.allow('dirty log');
    const handle = callNow(this.name, () => native().openDomain(this.registry, this.name));
    return await openNativeDirtyLog(this.name, handle, () => handle.enableDirtyLog(tracker));
  }

  /** Nothing: whatever a process domain needs is this machine's, and `vmbuddies doctor` examines that. */
  async preflight(): Promise<PreflightCheck[]> {
    return [];
  }

  checkDestination(to: string, ssh: string | null = null): void {
    parseAddress(to);
    if (ssh !== null) throw this.#refusal('connects by itself: ssh has no part in it');
  }

  engineFor(choice: EngineChoice): EngineName {
    if (choice === 'libxenguest') throw this.#refusal('cannot be moved by libxenguest, which knows Xen domains only');
    return 'vmbuddies';
  }

  openEngine(options: EngineOptions): MigrationEngine {
    return openProcessEngine(this.registry, this.name, options);
  }

  place(): 'source' | 'ended' | 'unknown' {
    try {
      return this.#handle.info().ended ? 'ended' : 'source';
    } catch {
      return 'unknown'; // the handle is closed
    }
  }

  claim(purpose: string): Promise<void> {
    return this.#claim.take(purpose);
  }

  unclaim(): Promise<void> {
    return this.#claim.release();
  }

  stepAside(): Promise<void> {
    return call(this.name, () => this.#handle.rename(asideName(this.name)));
  }

  stepBack(): Promise<void> {
    return call(this.name, () => this.#handle.rename(ownName(this.name)));
  }

  checkStepAside(): void {
    const names = listProcessDomains(this.registry).map(({ name }) => name);
    refuseLeftover(this.name, (name) => names.includes(name), ` --registry ${quoteWord(this.registry)}`);
  }

  restoreMemoryAt(to: string, _ssh: string | null, presentBytes: number, secret?: Uint8Array): Promise<void> {
    return call(this.name, () => restoreProcessMemoryAt(to, this.#handle.info().uuid, presentBytes, secret));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #refusal(message: string): VmbuddiesError {
    return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${this.reference} ${message}`, { domain: this.name });
  }
}

function toNativeWorkload({ usedBytes, wwsBytes, hotBytes, periodMs, ...same }: Workload): NativeWorkload {
  const pages = (bytes: number) => Math.ceil(bytes / pageBytes);
  return {
    ...same,
    usedPages: pages(usedBytes),
    wwsPages: pages(wwsBytes),
    hotPages: pages(hotBytes),
    periodSeconds: periodMs / 1000,
  };
}

function toDomainInfo(info: NativeDomainInfo): ProcessDomainInfo {
  const { usedPages, wwsPages, hotPages, periodSeconds, ...same } = info.workload;
  return {
    reference: `process:${info.name}`,
    name: info.name,
    kind: 'process',
    uuid: info.uuid,
    pid: info.pid,
    memoryBytes: info.memoryBytes,
    presentBytes: info.presentBytes,
    state: info.ended ? 'ended' : info.incoming ? 'incoming' : info.paused ? 'paused' : 'running',
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
    lastGapMs: info.lastGapSeconds * 1000,
    longestGapMs: info.longestGapSeconds * 1000,
    corruptPages: info.corruptPages,
  };
}

/** Gives a domain that the receiver at `to` has started so much memory again. */
export async function restoreProcessMemoryAt(
  to: string,
  uuid: string,
  presentBytes: number,
  secret?: Uint8Array,
): Promise<void> {
  const timeoutSeconds = restoreTimeoutMs / 1000;
  await native().restoreMemory(
    { ...parseAddress(to), secret: secret ?? null, uuid, agoMs: 0, timeoutSeconds },
    presentBytes,
  );
}
