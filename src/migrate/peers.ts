import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import { VmbuddiesError } from '../errors.ts';

/** What protects the connection between a process domain's two ends. */
export interface PeerOptions {
  /**
   * 16 to 4096 bytes that sender and receiver both have: each proves it to the other before any memory is sent, and every
   * control message is bound to it. The memory itself still travels readable and unprotected. See {@link readSecretFile}.
   */
  readonly secret?: Uint8Array;
  /** Go beyond loopback without a secret: whoever reaches the port can take a domain, or put one in its place. */
  readonly insecure?: boolean;
}

const minSecretBytes = 16;
const maxSecretBytes = 4096;

/**
 * The secret in a file, a newline at its end left out. The file must be a regular one that its owner alone may read.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, saying what is wrong with it
 */
export function readSecretFile(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a FIFO must not hang us
  } catch (cause) {
    throw refusal(`the secret cannot be read: ${(cause as Error).message}`, cause);
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw refusal(`the secret cannot be read: ${path} is not a regular file`);
    if ((status.mode & 0o077) !== 0) {
      throw refusal(`others may read or change the secret in ${path}: make it its owner's alone, with "chmod 600"`);
    }
    const buffer = Buffer.alloc(maxSecretBytes + 3); // room for what is too long to show
    const whole = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
    const end = whole.at(-1) !== 0x0a ? 0 : whole.at(-2) !== 0x0d ? 1 : 2;
    const secret = whole.subarray(0, whole.length - end);
    if (secret.length < minSecretBytes || secret.length > maxSecretBytes) {
      const found = secret.length > maxSecretBytes ? 'more' : `${secret.length}`;
      throw refusal(`a secret has from ${minSecretBytes} to ${maxSecretBytes} bytes; ${path} has ${found}`);
    }
    return new Uint8Array(secret);
  } finally {
    closeSync(file);
  }
}

/** Does nothing but this machine itself reach this address? A name other than `localhost` may be anybody's. */
export function isLoopback(host: string): boolean {
  const address = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** Refuses to go beyond loopback without a secret, unless that was asked for. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT */
export function requireProtection(host: string, { secret, insecure = false }: PeerOptions): void {
  if (secret && (secret.length < minSecretBytes || secret.length > maxSecretBytes)) {
    throw refusal(`a secret has from ${minSecretBytes} to ${maxSecretBytes} bytes, not ${secret.length}`);
  }
  if (secret || insecure || isLoopback(host)) return;
  throw refusal(
    `${host} is not this machine's loopback: give both sides the same secret (--secret-file, or \`secret\`), or say ` +
      'that none is wanted (--insecure, or `insecure: true`)',
  );
}

function refusal(message: string, cause?: unknown): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message, cause === undefined ? {} : { cause });
}
