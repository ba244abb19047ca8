import type { VmbuddiesError } from '../errors.ts';

/** What a sender hears of its link. */
export interface LinkUser {
  /** What it gets has changed. */
  changed(): void;
  /** Nothing goes over the link any more. */
  broke(error: VmbuddiesError): void;
}

/** One sender's part of a link. */
export interface LinkShare {
  /** What it gets of what it wants, in bytes per second. */
  readonly bytesPerSecond: number;
  want(bytesPerSecond: number): void;
  close(): void;
}

interface Sender {
  wanted: number;
  got: number;
  readonly user: LinkUser;
}

/**
 * A link that several send over. Where they want more than it carries, it is shared max-min fairly, as long-lived TCP
 * connections do: nobody gets more than it wants, and who gets less than that gets no less than any other.
 */
export class SharedLink {
  readonly bytesPerSecond: number;
  readonly #senders = new Set<Sender>();
  #broken: VmbuddiesError | null = null;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Why it is broken; null while it is not. */
  get broken(): VmbuddiesError | null {
    return this.#broken;
  }

  open(user: LinkUser): LinkShare {
    const sender: Sender = { wanted: 0, got: 0, user };
    this.#senders.add(sender);
    return {
      get bytesPerSecond() {
        return sender.got;
      },
      want: (bytesPerSecond) => {
        if (bytesPerSecond === sender.wanted) return;
        sender.wanted = bytesPerSecond;
        this.#share();
      },
      close: () => {
        this.#senders.delete(sender);
        this.#share();
      },
    };
  }

  /** For good. */
  break(error: VmbuddiesError): void {
    if (this.#broken) return;
    this.#broken = error;
    this.#share();
    for (const { user } of [...this.#senders]) user.broke(error);
  }

  #share(): void {
    let left = this.#broken ? 0 : this.bytesPerSecond;
    const senders = [...this.#senders].sort((a, b) => a.wanted - b.wanted);
    for (const [index, sender] of senders.entries()) {
      const got = Math.min(sender.wanted, left / (senders.length - index));
      left -= got;
      if (got === sender.got) continue;
      sender.got = got;
      sender.user.changed();
    }
  }
}
