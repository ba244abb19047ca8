import { VmbuddiesError } from '../errors.ts';
import { type Finished, lastWords } from './command.ts';
import { type RemoteHost, runRemote } from './transport.ts';
import { parseXlList } from './xl-output.ts';

const listTimeoutMs = 60_000;
const destroyTimeoutMs = 120_000;

/** What became of one name. */
export interface Swept {
  readonly name: string;
  /** `absent`: there was no NAME--incoming. `kept`: there was, and it may be more than a leftover. */
  readonly outcome: 'destroyed' | 'absent' | 'kept';
  /** Why it was kept; '' otherwise. */
  readonly reason: string;
}

/**
 * Destroys the copies that broken migrations of these domains have left on a host: a `NAME--incoming` that is paused and
 * has never run. xl leaves one when both directions of its connection die after it said that it is ready.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_REFUSED while a migration is arriving there, whose copy looks the same;
 * ERR_VMBUDDIES_PEER if the host cannot be reached or its xl fails
 */
export async function sweep(remote: RemoteHost, names: readonly string[]): Promise<Swept[]> {
  await refuseWhileReceiving(remote);
  const listed = await runRemote({ ...remote, command: ['xl', 'list'], timeoutMs: listTimeoutMs });
  if (listed.exitCode !== 0) throw complaint(remote, 'xl list', listed);
  const domains = parseXlList(listed.stdout);
  const swept: Swept[] = [];
  for (const name of names) {
    const copy = domains.find((domain) => domain.name === `${name}--incoming`);
    if (copy === undefined) {
      swept.push({ name, outcome: 'absent', reason: '' });
    } else if (!copy.paused || copy.cpuSeconds > 0) {
      swept.push({ name, outcome: 'kept', reason: copy.paused ? 'it has run before' : 'it is not paused' });
    } else {
      // By its number: the name may have passed to another domain since it was listed.
      const command = ['xl', 'destroy', String(copy.domid)];
      const destroyed = await runRemote({ ...remote, command, timeoutMs: destroyTimeoutMs });
      if (destroyed.exitCode !== 0) throw complaint(remote, `xl destroy ${copy.domid}`, destroyed);
      swept.push({ name, outcome: 'destroyed', reason: '' });
    }
  }
  return swept;
}

async function refuseWhileReceiving(remote: RemoteHost): Promise<void> {
  const { host, ssh = 'ssh' } = remote;
  const pids = await receivers(remote);
  if (pids.length === 0) return;
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_REFUSED',
    `a migration is arriving on ${host}, and its copy looks like a leftover: wait for it or, if its source is gone, ` +
      `end it with "${ssh} ${host} kill ${pids.join(' ')}"`,
    { operation: 'sweep' },
  );
}

/** Process ids of the `xl migrate-receive` that still listen to a source. */
async function receivers(remote: RemoteHost): Promise<string[]> {
  // Anchored, so that it finds neither itself nor an ssh or a shell that has the words among its arguments.
  const command = ['pgrep', '-f', '^([^ ]*/)?xl( -[^ ]+)* migrate-receive'];
  const found = await runRemote({ ...remote, command, timeoutMs: listTimeoutMs });
  if (found.exitCode === 1) return [];
  if (found.exitCode !== 0) throw complaint(remote, 'pgrep', found);
  // A domain that has arrived keeps one as long as it lives, to watch over it; that one has /dev/null for its input.
  const inputs = found.stdout.split(/\s+/).flatMap((pid) => (pid ? [`/proc/${pid}/fd/0`] : []));
  const listening = ['find', ...inputs, '-maxdepth', '0', '-not', '-lname', '/dev/null'];
  const { stdout } = await runRemote({ ...remote, command: listening, timeoutMs: listTimeoutMs });
  return [...stdout.matchAll(/^\/proc\/(\d+)\/fd\/0$/gm)].map(([, pid]) => pid!);
}

function complaint({ host }: RemoteHost, command: string, finished: Finished): VmbuddiesError {
  const why = lastWords(finished) || `exit code ${finished.exitCode}`;
  return new VmbuddiesError('ERR_VMBUDDIES_PEER', `${command} on ${host}: ${why}`, { operation: 'sweep' });
}
