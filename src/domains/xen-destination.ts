import { VmbuddiesError } from '../errors.ts';
import { lastWords } from '../transfer/command.ts';
import { type RemoteHost, runRemote, transportCommand } from '../transfer/transport.ts';

const setMemoryTimeoutMs = 30_000;

/** @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT if it can be neither a host nor a command to reach one */
export function checkXenDestination(to: string, ssh: string | null): void {
  if (/^(\[.*\]|[^:]+):\d+$/.test(to)) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_ARGUMENT',
      `"${to}": a Xen domain goes to a host, named as for ssh, without a port`,
    );
  }
  transportCommand({ ...remoteHost(to, ssh), remote: [] });
}

/**
 * Sets the memory target of a domain at another host, as `xl mem-set` does there.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_PEER, with what to type there
 */
export async function setMemoryAt(to: string, ssh: string | null, name: string, bytes: number): Promise<void> {
  const command = ['xl', 'mem-set', name, `${Math.round(bytes / 1024)}k`];
  const finished = await runRemote({ ...remoteHost(to, ssh), command, timeoutMs: setMemoryTimeoutMs });
  if (finished.exitCode === 0) return;
  const why = lastWords(finished) || `exit code ${finished.exitCode}`;
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_PEER',
    `${name} has not got its memory back at ${to} (${why}): type "${command.join(' ')}" there`,
  );
}

/** With `ssh` as options have it, null for ssh itself. */
export function remoteHost(host: string, ssh: string | null): RemoteHost {
  return ssh === null ? { host } : { host, ssh };
}
