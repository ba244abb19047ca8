import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** The receiver's word that the guest runs (native/process/link.h). */
const startedFrame = 7;
const frameHeaderBytes = 12;

/** A TCP relay that stands for the link: it can be cut, and it can swallow the answer to COMMIT. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #swallows = false;
  #swallowed!: () => void;
  /** Resolves when a receiver has said that a guest runs, and nobody heard it. */
  readonly swallowed = new Promise<void>((resolve) => {
    this.#swallowed = resolve;
  });

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port: number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (near) => {
      const far = dial(port, '127.0.0.1');
      for (const socket of [near, far]) {
        relay.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => relay.#sockets.delete(socket));
      }
      near.pipe(far);
      relay.#answer(far, near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** From now on the sender is left waiting for the receivers' answers to COMMIT. */
  swallowStarted(): void {
    this.#swallows = true;
  }

  /** Hands the receiver's frames on, one by one. */
  #answer(far: Socket, near: Socket): void {
    let rest: Buffer = Buffer.alloc(0);
    far.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= frameHeaderBytes && rest.length >= frameHeaderBytes + rest.readUInt32LE(8)) {
        const frame = rest.subarray(0, frameHeaderBytes + rest.readUInt32LE(8));
        rest = rest.subarray(frame.length);
        if (this.#swallows && frame.readUInt32LE(4) === startedFrame) this.#swallowed();
        else near.write(frame);
      }
    });
    far.on('end', () => near.end());
  }

  /** Both directions end at once, as when a cable is pulled and both ends notice. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
  }
}
