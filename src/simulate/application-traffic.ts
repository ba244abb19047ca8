import type { Flow } from '../group/application.ts';
import type { GuestPlace } from './guest.ts';
import type { LinkShare, SharedLink } from './shared-link.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What one flow of the application sent over the link while its two ends ran on different sides. */
export interface SplitFlow {
  readonly from: string;
  readonly to: string;
  readonly splitMs: number;
  /** What it would have sent on a link of its own. */
  readonly wantedBytes: number;
  readonly carriedBytes: number;
}

/** One flow, and its part of the link. */
class SharedFlow {
  readonly flow: Flow;
  readonly #clock: VirtualClock;
  readonly #share: LinkShare;
  #split = false;
  #accountedAt = 0;
  #bytesPerSecond = 0;
  #splitSeconds = 0;
  #carriedBytes = 0;

  constructor(flow: Flow, link: SharedLink, clock: VirtualClock) {
    this.flow = flow;
    this.#clock = clock;
    this.#share = link.open({
      changed: () => {
        this.#account();
        this.#bytesPerSecond = this.#share.bytesPerSecond;
      },
      broke: () => {},
    });
  }

  set split(split: boolean) {
    this.#account();
    this.#split = split;
    this.#share.want(split ? this.flow.bytesPerSecond : 0);
  }

  get total(): SplitFlow {
    this.#account();
    const { from, to, bytesPerSecond } = this.flow;
    return {
      from,
      to,
      splitMs: this.#splitSeconds * 1000,
      wantedBytes: this.#splitSeconds * bytesPerSecond,
      carriedBytes: this.#carriedBytes,
    };
  }

  #account(): void {
    const seconds = this.#clock.now - this.#accountedAt;
    if (this.#split) this.#splitSeconds += seconds;
    this.#carriedBytes += seconds * this.#bytesPerSecond;
    this.#accountedAt = this.#clock.now;
  }
}

/** What the tiers send each other: it goes over the link while they are apart, and nowhere while one of them stands still. */
export class ApplicationTraffic {
  readonly #flows: readonly SharedFlow[];
  readonly #placeOf: (domain: string) => GuestPlace | null;

  constructor(
    flows: readonly Flow[],
    link: SharedLink,
    clock: VirtualClock,
    placeOf: (domain: string) => GuestPlace | null,
  ) {
    this.#flows = flows.map((flow) => new SharedFlow(flow, link, clock));
    this.#placeOf = placeOf;
  }

  /** Some domain has moved, stopped or started. */
  follow(): void {
    for (const shared of this.#flows) {
      const [from, to] = [this.#placeOf(shared.flow.from), this.#placeOf(shared.flow.to)];
      shared.split = from !== null && to !== null && from !== to;
    }
  }

  totals(): SplitFlow[] {
    return this.#flows.map(({ total }) => total);
  }
}
