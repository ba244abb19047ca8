import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Answers of a receiver (native/process/link.h). */
const frameTypes = { accepted: 2, prepared: 4, started: 7 } as const;
const headerBytes = 12;
const failedFrame = 8;

/** What a relay does besides passing everything on. */
export interface RelayHabits {
  /** This answer of the receiver's, and all that follow it, stay behind in the relay. */
  readonly withhold?: keyof typeof frameTypes;
}

/** A TCP relay that stands for the link: it can be cut, and it can stall. */
export class StallingRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #senders = new Set<Socket>();
  readonly #releases: (() => void)[] = [];
  #held = 0;
  #later = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port: number, { withhold }: RelayHabits = {}): Promise<StallingRelay> {
    const server = createServer();
    const relay = new StallingRelay(server);
    server.on('connection', (near) => {
      const far = dial(port, '127.0.0.1');
      relay.#senders.add(near);
      for (const socket of [near, far]) {
        relay.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => relay.#sockets.delete(socket));
      }
      near.pipe(far);
      if (withhold === undefined) far.pipe(near);
      else relay.#passUntil(frameTypes[withhold], far, near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** From now on the receiver hears nothing more, and its connections stay as they are. */
  stall(): void {
    for (const near of this.#senders) {
      near.unpipe();
      near.pause();
    }
  }

  /** On how many connections the answer that is to be withheld has come. */
  get held(): number {
    return this.#held;
  }

  /** On how many of these the receiver has said Failed behind it. */
  get failuresHeld(): number {
    return this.#later;
  }

  /** What was withheld is passed on, and so is all that follows. */
  release(): void {
    for (const release of this.#releases) release();
  }

  /** Both directions end at once, as when a cable is pulled and both ends notice. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
  }

  #countFailure(held: Buffer, before: boolean): boolean {
    for (let at = 0; !before && held.length >= at + headerBytes; at += headerBytes + held.readUInt32LE(at + 8)) {
      if (held.readUInt32LE(at + 4) !== failedFrame) continue;
      this.#later++;
      return true;
    }
    return before;
  }

  #passUntil(type: number, far: Socket, near: Socket): void {
    let heard = Buffer.alloc(0);
    let holds = false;
    let released = false;
    let failed = false;
    far.on('end', () => near.end());
    this.#releases.push(() => {
      released = true;
      near.write(heard);
      heard = Buffer.alloc(0);
    });
    far.on('data', (data: Buffer) => {
      if (released) {
        near.write(data);
        return;
      }
      heard = Buffer.concat([heard, data]);
      if (holds) failed = this.#countFailure(heard, failed);
      while (!holds && heard.length >= headerBytes) {
        const bytes = headerBytes + heard.readUInt32LE(8);
        if (heard.length < bytes) return;
        if (heard.readUInt32LE(4) === type) {
          holds = true;
          this.#held++;
          return;
        }
        near.write(heard.subarray(0, bytes));
        heard = heard.subarray(bytes);
      }
    });
  }
}
