import { VmbuddiesError } from '../errors.ts';
import type { NativeXenDomain, NativeXenDomainInfo } from '../native/contract.ts';
import { native } from '../native/load.ts';
import { destroyDomain } from '../transfer/xl.ts';
import { asideName, isAside, ownName, refuseLeftover } from './aside.ts';
import { Claim } from './claim.ts';
import type { DirtyLog, HeldMemory, PreflightCheck, XenDomain } from './domain.ts';
import type { EngineChoice, EngineName, EngineOptions, MigrationEngine } from './engine.ts';
import type { XenDomainInfo } from './info.ts';
import { call, callNow } from './native-call.ts';
import { openNativeDirtyLog } from './native-dirty-log.ts';
import { checkXenDestination, setMemoryAt } from './xen-destination.ts';
import { openXenEngine } from './xen-engine.ts';

/** As libxl allows the guest (libxl_dom_suspend.c). */
const suspendTimeoutMs = 60_000;
const balloonTimeoutMs = 60_000;
/** A guest whose balloon moves on after its target was set to what it has is given a few more tries. */
const holdTimeoutMs = 60_000;

/** By name or by Xen's number. @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_NOT_FOUND, ERR_VMBUDDIES_UNAVAILABLE */
export function openXenDomain(reference: string): XenDomain {
  const handle = callNow(reference, () => native().openXenDomain(reference));
  return new OpenXenDomain(
    handle,
    callNow(reference, () => handle.info()),
  );
}

/** Every guest of this host. @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE without Xen */
export function listXenDomains(): XenDomainInfo[] {
  try {
    return native().listXenDomains().map(toDomainInfo);
  } catch (thrown) {
    throw VmbuddiesError.from(thrown);
  }
}

class OpenXenDomain implements XenDomain {
  readonly kind = 'xen';
  /** As it was opened, also while it has stepped aside. */
  readonly name: string;
  readonly #domid: number;
  readonly #type: XenDomainInfo['type'];
  readonly #handle: NativeXenDomain;
  readonly #claim: Claim;
  #aside: boolean;
  /** 0: not held, or without a target. */
  #heldTargetBytes = 0;

  constructor(handle: NativeXenDomain, { name, domid, type }: NativeXenDomainInfo) {
    this.name = name;
    this.#domid = domid;
    this.#type = type;
    this.#handle = handle;
    this.#claim = new Claim(name, handle);
    this.#aside = isAside(name);
  }

  get reference(): string {
    return `xen:${this.name}`;
  }

  info(): XenDomainInfo {
    return toDomainInfo(callNow(this.name, () => this.#handle.info()));
  }

  suspend(timeoutMs = suspendTimeoutMs): Promise<void> {
    return call(this.name, () => this.#handle.suspend(timeoutMs / 1000));
  }

  async resume(): Promise<void> {
    await this.#claim.allow('resume');
    await call(this.name, () => this.#handle.resume());
  }

  /** By number: the name may be its copy's by now. */
  async destroy({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (!force) await this.#claim.allowDestruction();
    await call(this.name, () => destroyDomain(this.#domid));
  }

  async balloon(targetBytes: number): Promise<number> {
    await this.#claim.allow('balloon');
    return await call(this.name, () => this.#handle.balloon(targetBytes, balloonTimeoutMs / 1000));
  }

  async holdMemory(): Promise<HeldMemory> {
    const { presentBytes, targetBytes } = await call(this.name, () => this.#handle.holdMemory(holdTimeoutMs / 1000));
    this.#heldTargetBytes = targetBytes;
    return { presentBytes, targetBytes: targetBytes || presentBytes };
  }

  /**
   * Present less free. Not the agent's total less free: the kernel has taken its own part before it counts a total, and
   * ballooning works on what is present.
   */
  async usedBytes(): Promise<number | null> {
    const memory = await call(this.name, () => this.#handle.guestMemory());
    return memory && Math.max(0, this.info().presentBytes - memory.freeBytes);
  }

  verify(): Promise<never> {
    const message = `${this.reference}: a Xen guest's memory is its own affair, and nobody outside can tell whether it is intact`;
    return Promise.reject(new VmbuddiesError('ERR_VMBUDDIES_UNAVAILABLE', message, { domain: this.name }));
  }

  async openDirtyLog(tracker = 'auto'): Promise<DirtyLog> {
    this.#checkTracker(tracker);
    await this.#claim.allow('dirty log');
    const handle = callNow(this.name, () => native().openXenDomain(String(this.#domid)));
    return await openNativeDirtyLog(this.name, handle, () => handle.enableDirtyLog());
  }

  preflight(): Promise<PreflightCheck[]> {
    return call(this.name, () => this.#handle.preflight());
  }

  checkDestination(to: string, ssh: string | null = null): void {
    checkXenDestination(to, ssh);
  }

  engineFor(choice: EngineChoice): EngineName {
    if (this.#type !== 'pv') return choice === 'auto' ? 'vmbuddies' : choice;
    if (choice !== 'vmbuddies') return 'libxenguest';
    throw this.#refusal('is paravirtualised (PV), which only libxenguest can move');
  }

  openEngine(options: EngineOptions): MigrationEngine {
    this.#checkTracker(options.tracker);
    const engine = this.engineFor(options.xen.engine);
    const subject = { name: this.name, domid: this.#domid, engine, targetBytes: this.#heldTargetBytes };
    return openXenEngine(subject, options);
  }

  place(): 'source' | 'ended' | 'unknown' {
    try {
      return this.#handle.info().state === 'dying' ? 'ended' : 'source';
    } catch (thrown) {
      const { code } = VmbuddiesError.from(thrown);
      const isGone = code === 'ERR_VMBUDDIES_DOMAIN_GONE' || code === 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND';
      return isGone ? 'ended' : 'unknown';
    }
  }

  claim(purpose: string): Promise<void> {
    return this.#claim.take(purpose);
  }

  unclaim(): Promise<void> {
    return this.#claim.release();
  }

  async stepAside(): Promise<void> {
    await call(this.name, () => this.#handle.rename(asideName(this.name)));
    this.#aside = true;
  }

  async stepBack(): Promise<void> {
    if (!this.#aside) return;
    await call(this.name, () => this.#handle.rename(ownName(this.name)));
    this.#aside = false;
  }

  checkStepAside(): void {
    const names = listXenDomains().map(({ name }) => name);
    refuseLeftover(this.name, (name) => names.includes(name));
  }

  restoreMemoryAt(to: string, ssh: string | null, presentBytes: number): Promise<void> {
    return call(this.name, () => setMemoryAt(to, ssh, this.name, presentBytes));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkTracker(tracker: string): void {
    if (tracker === 'auto') return;
    throw this.#refusal(`has Xen's own dirty log and no other, so there is no tracker "${tracker}" for it`);
  }

  #refusal(message: string): VmbuddiesError {
    return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${this.reference} ${message}`, { domain: this.name });
  }
}

function toDomainInfo({ state, ...same }: NativeXenDomainInfo): XenDomainInfo {
  return {
    reference: `xen:${same.name}`,
    kind: 'xen',
    ...same,
    // xl's name for a domain that it receives (tools/xl/xl_migrate.c).
    state: same.name.endsWith('--incoming') ? 'incoming' : state,
  };
}
