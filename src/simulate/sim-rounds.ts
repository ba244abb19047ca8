import type { Round } from '../domains/engine.ts';
import { Copying } from './copying.ts';
import type { Guest } from './guest.ts';
import type { Orders } from './orders.ts';
import type { LinkShare, SharedLink } from './shared-link.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SimRoundsOptions {
  readonly clock: VirtualClock;
  readonly link: SharedLink;
  readonly guest: Guest;
  /** See CopyingOptions. */
  readonly packed: boolean;
  readonly orders: Orders;
  /** Pages with data that pre-copy may still send: native/core/stop_rule.h. */
  readonly trafficLeft: (round0Pages: number, sentPages: number) => number;
}

/** What precedes the first page of a process domain's stream, and what follows the last one (native/core). */
const headBytes = 48;
const tailBytes = 32;
/** The clock cannot tell shorter times apart, and a round must end: neither than this, nor than this share of its own. */
const shortestWaitSeconds = 1e-9;
const shortestWaitShare = 2 ** -50;

/** How a simulated round is made. The counterpart of native/core/domain_rounds.cc. */
export class SimRounds {
  readonly made: Round[] = [];
  presentPages = 0;
  sentPages = 0;
  #dirtyPages = 0;
  readonly #options: SimRoundsOptions;
  readonly #share: LinkShare;
  /** The present round's, or the last one's. */
  #copying: Copying | null = null;
  #sending = false;
  #accountedAt = 0;
  #bytesPerSecond = 0;
  #sentBytes = 0;

  constructor(options: SimRoundsOptions) {
    this.#options = options;
    this.#share = options.link.open({
      changed: () => {
        this.#account();
        this.#bytesPerSecond = this.#share.bytesPerSecond;
        options.orders.wake();
      },
      broke: (error) => options.orders.break(error),
    });
  }

  /** Puts the rate in force that was ordered last. */
  heedRate(): void {
    if (this.#sending) this.#share.want(this.#options.orders.bytesPerSecond);
  }

  /** Leaves the link. */
  close(): void {
    this.#share.close();
  }

  /** A round is under way. */
  get sending(): boolean {
    return this.#sending;
  }

  get roundPages(): number {
    return Math.round(this.#copying?.totalPages ?? 0);
  }

  get roundDonePages(): number {
    this.#account();
    return Math.round(this.#copying?.handledPages ?? 0);
  }

  get sentBytes(): number {
    this.#account();
    return Math.round(this.#sentBytes + (this.#sending ? this.#copying!.sentBytes : 0));
  }

  /** In the dirty log, when last looked at: at the end of a round, or by `look`. */
  get dirtyPages(): number {
    return this.#dirtyPages;
  }

  look(): void {
    const { clock, guest } = this.#options;
    this.#dirtyPages = Math.round(guest.memory.dirtyPages(clock.now));
  }

  /** Left over by the last round, if it was left midway. */
  get unsentPages(): number {
    return this.made.at(-1)?.unsentPages ?? 0;
  }

  /** What a final copy would send now. */
  get leftPages(): number {
    const { clock, guest } = this.#options;
    return guest.memory.dirtyPages(clock.now) + this.unsentPages;
  }

  /** Makes a round. `onBegin` is called when it is known how much there is to send. */
  async make(kind: Round['kind'], onBegin: () => void): Promise<Round> {
    const { clock, orders, guest } = this.#options;
    const final = kind === 'stop-and-copy';
    const beganAt = clock.now;
    const copying = this.#collect(kind);
    this.#copying = copying;
    this.#accountedAt = beganAt;
    this.#sending = true;
    onBegin();
    try {
      this.heedRate();
      const left = () => copying.ended || (orders.stopAndCopy && !final);
      while (!left()) {
        const rate = this.#bytesPerSecond;
        const seconds = copying.endsAt(clock.now, rate) - clock.now;
        const changed = () => left() || this.#bytesPerSecond !== rate;
        await orders.until(changed, Math.max(seconds, shortestWaitSeconds, clock.now * shortestWaitShare));
        this.#account();
      }
    } finally {
      this.#account();
      this.#sending = false;
      this.#share.want(0);
    }
    if (!final) guest.requireSource('dirty log');
    return this.#count(kind, copying, clock.now - beganAt);
  }

  /** What this round shall send joins what the last one left over. */
  #collect(kind: Round['kind']): Copying {
    const { clock, guest, packed, trafficLeft } = this.#options;
    const { memory } = guest;
    const { regions } = memory;
    const dirty = memory.clean(clock.now);
    const unsent = this.#copying?.unsentPages();
    const pendingPages = regions.map(({ pages }, index) => {
      if (!unsent) return pages;
      const left = unsent[index]!;
      return left === 0 ? dirty[index]! : left + dirty[index]! * (1 - left / pages);
    });
    if (!unsent) this.presentPages = memory.presentPages;
    const mostSentPages =
      kind === 'precopy' ? trafficLeft(this.presentPages, this.sentPages) : Number.POSITIVE_INFINITY;
    return new Copying({ memory, regions, pendingPages, packed, skips: kind !== 'stop-and-copy', mostSentPages });
  }

  /** Brings the round up to date at the rate that was in force. */
  #account(): void {
    if (!this.#sending) return;
    const { now } = this.#options.clock;
    this.#copying!.advance(this.#accountedAt, now, this.#bytesPerSecond);
    this.#accountedAt = now;
  }

  #count(kind: Round['kind'], copying: Copying, seconds: number): Round {
    const final = kind === 'stop-and-copy';
    const frame = (this.made.length === 0 ? headBytes : 0) + (final ? tailBytes : 0);
    if (final) this.#dirtyPages = 0;
    else this.look();
    const unsentPages = Math.round(copying.totalPages - copying.handledPages);
    const round: Round = {
      round: this.made.length,
      kind,
      sentPages: Math.round(copying.sentPages),
      zeroPages: Math.round(copying.zeroPages),
      skippedPages: Math.round(copying.skippedPages),
      deferredPages: 0,
      unsentPages,
      dirtiedPages: this.#dirtyPages + unsentPages,
      sentBytes: Math.round(copying.sentBytes) + frame,
      seconds,
      logSeconds: 0,
    };
    this.made.push(round);
    this.sentPages += round.sentPages;
    this.#sentBytes += round.sentBytes;
    return round;
  }
}
