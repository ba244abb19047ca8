import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Types of native/process/link.h. */
export const frames = { prepared: 4, commit: 5, started: 7 } as const;
const headerBytes = 12;

/**
 * A TCP relay between a migration and its receiver that holds a connection at a point of the protocol: what the receiver
 * says from a frame of a held type on, or all that the sender says from a moment on.
 */
export class FrameRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #links: RelayedLink[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `names` are the domains'; a connection is told by which of them its first bytes hold. */
  static async open(port: number, names: readonly string[], held: readonly number[]): Promise<FrameRelay> {
    const server = createServer({ allowHalfOpen: true });
    const relay = new FrameRelay(server);
    server.on('connection', (near) => relay.#links.push(new RelayedLink(near, port, names, new Set(held))));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  of(name: string): RelayedLink {
    const link = this.#links.find((each) => each.name === name);
    if (link === undefined) throw new Error(`${name} has no connection`);
    return link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.destroy();
    this.#server.close();
  }
}

export class RelayedLink {
  /** '' until the sender has said it. */
  name = '';
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #held: Set<number>;
  #back: Buffer = Buffer.alloc(0);
  #forward: Buffer[] = [];
  #forwardHeld = false;
  #nearEnded = false;
  #farEnded = false;

  constructor(near: Socket, port: number, names: readonly string[], held: Set<number>) {
    this.#near = near;
    this.#held = held;
    this.#far = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('data', (bytes) => {
      if (this.name === '') this.name = names.find((name) => bytes.includes(name)) ?? '';
      this.#forward.push(bytes);
      this.#sendForward();
    });
    const over = () => {
      this.#nearEnded = true;
      this.#sendForward();
    };
    near.on('end', over).on('close', over).on('error', over);
    this.#far.on('data', (bytes) => {
      this.#back = Buffer.concat([this.#back, bytes]);
      this.#sendBack();
    });
    this.#far.on('end', () => {
      this.#farEnded = true;
      this.#sendBack();
    });
    this.#far.on('error', () => near.destroy());
  }

  /** Lets through what was held back of what the receiver says, up to the next frame of a type still held. */
  release(type: number): void {
    this.#held.delete(type);
    this.#sendBack();
  }

  holdForward(): void {
    this.#forwardHeld = true;
  }

  letForward(): void {
    this.#forwardHeld = false;
    this.#sendForward();
  }

  /** What the sender has said since it was held is lost, and the connection with it. */
  dropForward(): void {
    this.#forward = [];
    this.#far.destroy();
  }

  destroy(): void {
    this.#near.destroy();
    this.#far.destroy();
  }

  #sendForward(): void {
    if (this.#forwardHeld) return;
    for (const bytes of this.#forward.splice(0)) this.#far.write(bytes);
    if (this.#nearEnded) this.#far.end();
  }

  #sendBack(): void {
    while (this.#back.length >= headerBytes) {
      const length = headerBytes + this.#back.readUInt32LE(8);
      if (this.#held.has(this.#back.readUInt32LE(4))) return;
      if (this.#back.length < length) break;
      if (!this.#near.destroyed) this.#near.write(this.#back.subarray(0, length));
      this.#back = this.#back.subarray(length);
    }
    if (this.#farEnded) this.#near.end();
  }
}
