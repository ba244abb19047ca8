#!/usr/bin/env node
import type { WriteStream } from 'node:tty';
import type { Host } from './cli.ts';
import { endingSignals } from './exit-codes.ts';
import { Printer } from './printer.ts';
import { run } from './program.ts';
import { openDestination } from './sink.ts';
import { escaped } from './text.ts';

/** What was printed has so long to leave when the process is to end at once. */
const stallAtOnceMs = 500;

const [out, err] = [openDestination(1), openDestination(2)];
const isSame = out.identity === err.identity;
const stdout = new Printer(out.sink, {
  tellsLoss: isSame,
  ...(out.isTerminal && { size: () => sizeOf(process.stdout) }),
});
const stderr = isSame
  ? stdout
  : new Printer(err.sink, { ...(err.isTerminal && { size: () => sizeOf(process.stderr) }) });

function sizeOf({ columns, rows }: WriteStream): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 }; // a serial line says 0
}

// A file that may grow no further fails the write, and does not end the process.
process.on('SIGXFSZ', () => {});
// Node itself would write these, synchronously.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => stderr.print(escaped(`${name}: ${message}`), 'note'));

const host: Host = {
  stdout,
  stderr,
  env: process.env,
  stdoutClosed: stdout.broken,
  onSignal(listener) {
    const stop = () => {}; // a process stopped by Ctrl-Z would leave guests waiting
    for (const signal of endingSignals) process.on(signal, listener);
    process.on('SIGTSTP', stop);
    return () => {
      for (const signal of endingSignals) process.off(signal, listener);
      process.off('SIGTSTP', stop);
    };
  },
  exit(code) {
    void Promise.all([stdout.finish(stallAtOnceMs), stderr.finish(stallAtOnceMs)]).then(() => process.exit(code));
  },
};

// To end by itself, Node would first close its signal handlers: a second Ctrl-C would then kill it, and the exit code of a
// migration would be that of the signal.
process.exit(await run(process.argv.slice(2), host));
