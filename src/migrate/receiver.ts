import { freemem } from 'node:os';
import { defaultRegistry } from '../domains/registry.ts';
import { VmbuddiesError } from '../errors.ts';
import type { NativeReceiver } from '../native/contract.ts';
import { guestProgram, native } from '../native/load.ts';
import { EventQueue } from './event-queue.ts';

export interface ReceiverOptions {
  /** Address to listen on; default loopback only. The stream is not encrypted. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Folder in which received domains are registered: this side's host. */
  readonly registry?: string;
  /** Started guests live until they are destroyed. Default: they end with this process. */
  readonly independent?: boolean;
  /** Memory of all domains being received at one time; default: what is free now. */
  readonly maxMemoryBytes?: number;
}

/** What became of an incoming domain, in the order it can happen. */
export interface ReceiverEvent {
  readonly kind: 'accepted' | 'prepared' | 'started' | 'dropped' | 'refused';
  /** '' if the peer never said. */
  readonly domain: string;
  readonly peer: string;
  /** Why it was dropped or refused. */
  readonly message: string;
  readonly bytes: number;
}

/** The destination's side: listens, rebuilds memory in place, and starts a guest on commit only. */
export class Receiver implements AsyncIterable<ReceiverEvent>, AsyncDisposable {
  readonly port: number;
  readonly host: string;
  readonly #native: NativeReceiver;
  readonly #events = new EventQueue<ReceiverEvent>();

  constructor(options: ReceiverOptions = {}) {
    this.host = options.host ?? '127.0.0.1';
    try {
      this.#native = native().openReceiver(
        {
          registry: options.registry ?? defaultRegistry(),
          host: this.host,
          port: options.port ?? 0,
          independent: options.independent ?? false,
          guestProgram: guestProgram(),
          maxMemoryBytes: options.maxMemoryBytes ?? freemem(),
        },
        (event) => this.#events.push(event),
      );
    } catch (thrown) {
      throw VmbuddiesError.from(thrown);
    }
    this.port = this.#native.port;
  }

  /** `HOST:PORT`, as a migration's `to` takes it. */
  get address(): string {
    return this.host.includes(':') ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  /** Stops listening and drops what has not started. Guests that have started live on. */
  async close(): Promise<void> {
    await this.#native.close();
    this.#events.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<ReceiverEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Listens for domains. @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM if the address cannot be had */
export function openReceiver(options: ReceiverOptions = {}): Receiver {
  return new Receiver(options);
}
