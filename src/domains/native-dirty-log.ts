import type { NativeDirtyCount } from '../native/contract.ts';
import type { DirtyCount, DirtyLayout, DirtyLog } from './domain.ts';
import { call } from './native-call.ts';

/** What the native handles of both kinds of domain have in common. */
interface NativeLog {
  peekDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  cleanDirtyLog(withBitmap: boolean): Promise<NativeDirtyCount>;
  close(): Promise<void>;
}

/**
 * Switches a domain's dirty log on with `enable`, on a native handle of its own that ends with the log: it must neither
 * wait for the domain's other calls nor end with them.
 */
export async function openNativeDirtyLog(
  domain: string,
  handle: NativeLog,
  enable: () => Promise<void>,
): Promise<DirtyLog> {
  try {
    await call(domain, enable);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return new NativeDirtyLog(domain, handle);
}

class NativeDirtyLog implements DirtyLog {
  readonly #domain: string;
  readonly #handle: NativeLog;

  constructor(domain: string, handle: NativeLog) {
    this.#domain = domain;
    this.#handle = handle;
  }

  async peek(): Promise<DirtyCount> {
    return toDirtyCount(await call(this.#domain, () => this.#handle.peekDirtyLog(false)));
  }

  async clean(): Promise<DirtyCount> {
    return toDirtyCount(await call(this.#domain, () => this.#handle.cleanDirtyLog(false)));
  }

  async cleanBitmap(): Promise<DirtyCount & { readonly bitmap: Uint8Array }> {
    const count = await call(this.#domain, () => this.#handle.cleanDirtyLog(true));
    return { ...toDirtyCount(count), bitmap: count.bitmap! };
  }

  async cleanLayout(slices: number): Promise<DirtyCount & DirtyLayout> {
    const { bitmap, ...count } = await this.cleanBitmap();
    return { ...count, ...layoutOf(bitmap, slices) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close();
  }
}

function toDirtyCount(count: NativeDirtyCount): DirtyCount {
  return { pages: count.pages, probeMs: count.seconds * 1000, guestStallMs: count.stallSeconds * 1000 };
}

/** Slices are whole bytes of the bitmap: eight pages. */
function layoutOf(bitmap: Uint8Array, slices: number): DirtyLayout {
  const bytesPerSlice = Math.max(1, Math.ceil(bitmap.length / slices));
  const dirtyPages: number[] = [];
  for (let from = 0; from < bitmap.length; from += bytesPerSlice) {
    let pages = 0;
    for (const byte of bitmap.subarray(from, from + bytesPerSlice)) if (byte !== 0) pages += ones[byte]!;
    dirtyPages.push(pages);
  }
  return { pagesPerSlice: 8 * bytesPerSlice, dirtyPages };
}

/** How many bits of each byte are set. */
const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);
