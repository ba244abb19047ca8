import { VmbuddiesError } from '../errors.ts';
import type { NativeDirtyCount, NativeDomain } from '../native/contract.ts';
import type { DirtyCount, DirtyLog } from './domain.ts';

/** A process domain's dirty log, on a native handle of its own that ends with it. */
export class ProcessDirtyLog implements DirtyLog {
  readonly #name: string;
  readonly #handle: NativeDomain;

  constructor(name: string, handle: NativeDomain) {
    this.#name = name;
    this.#handle = handle;
  }

  async peek(): Promise<DirtyCount> {
    return toDirtyCount(await this.#call(this.#handle.peekDirtyLog(false)));
  }

  async clean(): Promise<DirtyCount> {
    return toDirtyCount(await this.#call(this.#handle.cleanDirtyLog(false)));
  }

  async cleanBitmap(): Promise<DirtyCount & { readonly bitmap: Uint8Array }> {
    const count = await this.#call(this.#handle.cleanDirtyLog(true));
    return { ...toDirtyCount(count), bitmap: count.bitmap! };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close();
  }

  async #call<Result>(result: Promise<Result>): Promise<Result> {
    try {
      return await result;
    } catch (thrown) {
      throw VmbuddiesError.from(thrown, { domain: this.#name });
    }
  }
}

function toDirtyCount(count: NativeDirtyCount): DirtyCount {
  return { pages: count.pages, probeMs: count.seconds * 1000, guestStallMs: count.stallSeconds * 1000 };
}
