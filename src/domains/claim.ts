import { VmbuddiesError } from '../errors.ts';
import { call } from './native-call.ts';

/** The part of a native handle that keeps others from harming a migration. */
interface Claimable {
  claim(purpose: string): Promise<void>;
  unclaim(): Promise<void>;
  requireUnclaimed(operation: string): Promise<void>;
}

/**
 * What a domain's handle has to do with a migration of it. The group's own handle may balloon it and open its dirty log,
 * nobody else's may; no handle destroys it unless it is told to by force.
 */
export class Claim {
  readonly #domain: string;
  readonly #handle: Claimable;
  #purpose: string | null = null;

  constructor(domain: string, handle: Claimable) {
    this.#domain = domain;
    this.#handle = handle;
  }

  async take(purpose: string): Promise<void> {
    await call(this.#domain, () => this.#handle.claim(purpose));
    this.#purpose = purpose;
  }

  async release(): Promise<void> {
    this.#purpose = null;
    await call(this.#domain, () => this.#handle.unclaim());
  }

  /** @throws {VmbuddiesError} ERR_VMBUDDIES_STATE if another handle has the claim */
  async allow(operation: string): Promise<void> {
    await call(this.#domain, () => this.#handle.requireUnclaimed(operation));
  }

  /** The same, and nor if this handle has it. */
  async allowDestruction(): Promise<void> {
    if (this.#purpose !== null) {
      const message = `${this.#domain} is being moved: ${this.#purpose}.`;
      throw new VmbuddiesError('ERR_VMBUDDIES_STATE', message, { operation: 'destroy', domain: this.#domain });
    }
    await this.allow('destroy');
  }
}
