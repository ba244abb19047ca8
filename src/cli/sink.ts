/**
 * Taking bytes without ever blocking the event loop. Node writes to terminals and files synchronously: a terminal stopped
 * with Ctrl-S, or an ssh session that hangs, would stop the arbitrator while guests are suspended.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Where bytes go. It takes what it can at present, perhaps nothing, or says later what it took; it throws or rejects once it cannot. */
export interface Sink {
  write(bytes: Uint8Array): number | Promise<number>;
}

/** What a descriptor of this process leads to. */
export interface Destination {
  readonly sink: Sink;
  readonly isTerminal: boolean;
  /** Two descriptors with the same one write to the same place, so their order matters. */
  readonly identity: string;
}

/** Opens the way to `fd`, which is 1 or 2. */
export function openDestination(fd: 1 | 2): Destination {
  const stats = fstatSync(fd);
  const isTerminal = isatty(fd);
  const identity = `${stats.dev}:${stats.ino}:${stats.rdev}`;
  return { sink: sinkFor(fd, stats, isTerminal), isTerminal, identity };
}

function sinkFor(fd: 1 | 2, stats: Stats, isTerminal: boolean): Sink {
  if (isTerminal || stats.isFIFO()) {
    // Opened again, so that O_NONBLOCK is ours alone: the shell and others write through the description we were given.
    const own = reopened(`/proc/self/fd/${fd}`) ?? (isTerminal && isOurTerminal(stats) ? reopened('/dev/tty') : null);
    if (own !== null) return nonBlocking(own);
    if (!isTerminal) return streamed(fd);
  }
  if (stats.isSocket()) return streamed(fd);
  return threaded(fd);
}

/** Null where it is another user's (after `su`, say), or there is no /proc. */
function reopened(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

/** Whether the terminal with these `stats` is what /dev/tty means to this process. */
function isOurTerminal({ rdev }: Stats): boolean {
  try {
    const [, after = ''] = /\)\s+(.*)$/s.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
    return Number(after.split(' ')[4]) === rdev;
  } catch {
    return false;
  }
}

/** For terminals and pipes: the kernel takes what fits. */
function nonBlocking(fd: number): Sink {
  return {
    write(bytes) {
      try {
        return writeSync(fd, bytes);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN' || code === 'EINTR') return 0;
        closeSync(fd);
        throw error;
      }
    },
  };
}

/** For files and devices: they do not block for ever, but a busy disk takes its time, on another thread. */
function threaded(fd: number): Sink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        write(fd, bytes, (error, written) => {
          if (error === null || error.code === 'EAGAIN') resolve(error === null ? written : 0);
          else reject(error);
        });
      }),
  };
}

/** For sockets, and for pipes that cannot be opened again: Node's own streams wait for them without blocking. */
function streamed(fd: 1 | 2): Sink {
  const stream = fd === 1 ? process.stdout : process.stderr;
  stream.on('error', () => {}); // each write hears of its own
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length)));
      }),
  };
}
