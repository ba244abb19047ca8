#!/usr/bin/env node
import type { Host } from './cli.ts';
import { run } from './program.ts';

// A reader that has gone (`vmbuddies list | head -1`) is no crash: what was under way ends properly, unheard.
const stdoutClosed = new AbortController();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (stream === process.stdout) stdoutClosed.abort(error);
  });
}

const host: Host = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  stdoutClosed: stdoutClosed.signal,
  onSignal(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener);
    return () => process.off('SIGINT', listener).off('SIGTERM', listener);
  },
  exit: (code) => process.exit(code),
};

process.exitCode = await run(process.argv.slice(2), host);
