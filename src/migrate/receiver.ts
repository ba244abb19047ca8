import { parseAddress } from '../domains/address.ts';
import { call } from '../domains/native-call.ts';
import { checkRegistry, defaultRegistry } from '../domains/registry.ts';
import { VmbuddiesError } from '../errors.ts';
import { requireDuration, requireObject, requireText } from '../model/check.ts';
import type { NativeReceiver } from '../native/contract.ts';
import { guestProgram, native } from '../native/load.ts';
import { EventQueue } from './event-queue.ts';
import { type PeerOptions, requireProtection } from './peers.ts';

export interface ReceiverOptions extends PeerOptions {
  /** Address to listen on; default loopback only, and others with a `secret` only, or `insecure`. Memory is not encrypted. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Folder in which received domains are registered: this side's host. */
  readonly registry?: string;
  /** Started guests live until they are destroyed. Default: they end with this process. */
  readonly independent?: boolean;
  /**
   * Memory of all domains received here together, as long as they run. Default: no limit but what the host and this
   * process's cgroups have left, which is looked at for each domain in any case.
   */
  readonly maxMemoryBytes?: number;
}

/**
 * What became of an incoming domain, in the order it can happen. Of those refused 20 are reported in ten seconds, and of
 * those accepted or dropped 512; the rest is counted in one event.
 */
export interface ReceiverEvent {
  readonly kind: 'accepted' | 'prepared' | 'started' | 'dropped' | 'refused';
  /** '' if the peer never said. */
  readonly domain: string;
  readonly peer: string;
  /** Why it was dropped or refused. */
  readonly message: string;
  readonly bytes: number;
  /** Above 1: so many events that were not reported one by one; only `kind` and `message` say anything. */
  readonly times: number;
}

/** The destination's side: listens, rebuilds memory in place, and starts a guest on commit only. */
export class Receiver implements AsyncIterable<ReceiverEvent>, AsyncDisposable {
  readonly port: number;
  readonly host: string;
  readonly #native: NativeReceiver;
  readonly #events = new EventQueue<ReceiverEvent>();

  constructor(options: ReceiverOptions = {}) {
    requireObject('options', options);
    this.host = options.host ?? '127.0.0.1';
    const registry = options.registry ?? defaultRegistry();
    checkRegistry(registry);
    requireProtection(this.host, options);
    try {
      this.#native = native().openReceiver(
        {
          registry,
          host: this.host,
          port: options.port ?? 0,
          independent: options.independent ?? false,
          guestProgram: guestProgram(),
          maxMemoryBytes: options.maxMemoryBytes ?? Infinity,
          secret: options.secret ?? null,
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

  /** Events that nobody took in time: only the latest 10 000 are kept. */
  get droppedEvents(): number {
    return this.#events.dropped;
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

/**
 * Listens for domains.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM if the address cannot be had; ERR_VMBUDDIES_ARGUMENT if it is not loopback
 *   and there is neither `secret` nor `insecure`
 */
export function openReceiver(options: ReceiverOptions = {}): Receiver {
  return new Receiver(options);
}

/**
 * What became of a domain at a receiver:
 * - `running`: it has started there and is there now, running or paused by its owner.
 * - `held`: it is being received, or prepared, or on its way elsewhere. Ask again: this ends by itself.
 * - `gone`: it was let go there, by that receiver or an earlier one of its registry, and is not there any more.
 * - `absent`: it was never let go there, within `agoMs`; there is no copy of it, and nothing sent so far will start one.
 * - `unknown`: it is not there now, and what is remembered there does not reach as far back as `agoMs`.
 */
export type ReceiverAnswer = 'running' | 'held' | 'gone' | 'absent' | 'unknown';

export interface ReceiverQuestion extends PeerOptions {
  /** The receiver's address, `HOST:PORT` or `[IPv6]:PORT`. */
  readonly to: string;
  /** The domain's, for messages. */
  readonly name: string;
  /** The domain's, as `info()` gives it: what tells it from another of its name. */
  readonly uuid: string;
  /**
   * How long ago its move began. A registry remembers what was let go in it since it was made, the latest 4096 at least.
   * Default 0: `absent` counts as far as it remembers.
   */
  readonly agoMs?: number;
  /** Until the answer is there. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Asks a receiver of process domains what became of one that was sent there.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_PEER, ERR_VMBUDDIES_PEER_REFUSED or ERR_VMBUDDIES_DEADLINE if there is no answer;
 *   ERR_VMBUDDIES_ARGUMENT
 */
export async function askReceiver(question: ReceiverQuestion): Promise<ReceiverAnswer> {
  requireObject('question', question);
  const { to, name, uuid, secret = null, agoMs = 0, timeoutMs = 10_000 } = question;
  requireText('to', to);
  requireText('name', name);
  requireText('uuid', uuid);
  if (agoMs !== 0) requireDuration('agoMs', agoMs);
  requireDuration('timeoutMs', timeoutMs);
  return call(name, async () => {
    const address = parseAddress(to);
    requireProtection(address.host, question);
    return await native().askReceiver({
      ...address,
      secret,
      uuid,
      agoMs: Math.ceil(agoMs),
      timeoutSeconds: timeoutMs / 1000,
    });
  });
}
