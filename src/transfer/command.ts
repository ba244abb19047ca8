import { type ExecFileException, execFile } from 'node:child_process';
import { VmbuddiesError } from '../errors.ts';

/** A program that has ended by itself. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** More than any command here has to say: a domain's configuration is some kilobytes. */
const maxOutputBytes = 8 * 2 ** 20;
/** Node's word for more than that; it kills the program then, as at the time limit. */
const tooMuchOutput: unknown = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';

/**
 * Runs a program to its end, without a shell and with nothing to read.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE where there is no such program, ERR_VMBUDDIES_DEADLINE when it takes
 * longer than `timeoutMs` (it is killed), ERR_VMBUDDIES_SYSTEM when it ends any other way than by exiting
 */
export function runCommand(argv: readonly string[], timeoutMs: number): Promise<Finished> {
  const [program = '', ...args] = argv;
  const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ stdout, stderr, exitCode });
      else reject(failure(program, error!, timeoutMs));
    });
    child.stdin?.end();
  });
}

/** The last thing a program complained of, for an error message; '' if nothing. */
export function lastWords({ stderr }: Finished): string {
  return stderr.trim().split('\n').at(-1)!.trim().slice(0, 300);
}

function failure(program: string, cause: ExecFileException, timeoutMs: number): VmbuddiesError {
  const details = { operation: program, cause };
  if (cause.code === 'ENOENT') {
    return new VmbuddiesError('ERR_VMBUDDIES_UNAVAILABLE', `there is no program "${program}" here`, details);
  }
  if (cause.killed === true && cause.code !== tooMuchOutput) {
    const message = `${program} did not end within ${timeoutMs / 1000} s`;
    return new VmbuddiesError('ERR_VMBUDDIES_DEADLINE', message, details);
  }
  return new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', `${program}: ${cause.message}`, details);
}
