import { VmbuddiesError } from '../errors.ts';
import { type Finished, lastWords, runCommand } from './command.ts';
import { quoteWord, splitWords } from './words.ts';

/** Another host, and how to run commands there. */
export interface RemoteHost {
  /** As ssh takes it: `HOST`, `USER@HOST`, or an alias of ssh's configuration. */
  readonly host: string;
  /** Used in place of ssh with all its options, as `xl migrate -s`: called as `SSH HOST COMMAND…`. */
  readonly ssh?: string;
}

/** What ssh exits with when it is ssh that failed, and not the command (its manual, EXIT STATUS). */
const sshFailed = 255;

/**
 * Never a question, for nobody may be there to answer. A dead link is noticed within 15 s. No escape character and no
 * terminal: the bytes are a guest's memory. No compression: it costs a CPU more than it saves on any fast link. A connection
 * of its own for each command: through a shared one, a slow migration would hold up the others.
 */
const ssh = [
  'ssh',
  '-T',
  '-x',
  '-a',
  ...['-e', 'none'],
  ...['-o', 'BatchMode=yes'],
  ...['-o', 'ConnectTimeout=10'],
  ...['-o', 'ServerAliveInterval=5'],
  ...['-o', 'ServerAliveCountMax=3'],
  ...['-o', 'Compression=no'],
  ...['-o', 'ControlPath=none'],
  ...['-o', 'ClearAllForwardings=yes'],
];

/**
 * Program and arguments to start here so that their standard input and output are those of `remote` there. As ssh, the
 * program joins the words and a shell there splits them: they are quoted for it.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT
 */
export function transportCommand(options: RemoteHost & { readonly remote: readonly string[] }): string[] {
  const { host, remote } = options;
  // A name that begins with a dash would be taken for an option, and ssh has options that run programs here.
  if (!/^[^\s-]\S*$/.test(host)) {
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `'${host}' is not the name of a host`);
  }
  const program = options.ssh === undefined ? ssh : splitWords(options.ssh);
  if (program.length === 0) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'the transport command has no words');
  return [...program, host, ...remote.map(quoteWord)];
}

/** Ends the command line of a hint so that it goes through the same transport; '' for ssh. */
export function sshFlag({ ssh }: Pick<RemoteHost, 'ssh'>): string {
  return ssh === undefined ? '' : ` --ssh ${quoteWord(ssh)}`;
}

/**
 * Runs `command` on the other host to its end, whatever its exit code.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_PEER if the host cannot be reached, ERR_VMBUDDIES_DEADLINE if it takes too long,
 * ERR_VMBUDDIES_UNAVAILABLE if there is no ssh here
 */
export async function runRemote(
  options: RemoteHost & { readonly command: readonly string[]; readonly timeoutMs: number },
): Promise<Finished> {
  const { host, command, timeoutMs } = options;
  const finished = await runCommand(transportCommand({ ...options, remote: command }), timeoutMs);
  if (finished.exitCode === sshFailed) {
    const why = lastWords(finished) || 'the connection failed';
    throw new VmbuddiesError('ERR_VMBUDDIES_PEER', `${host} cannot be reached: ${why}`, { operation: 'ssh' });
  }
  return finished;
}
