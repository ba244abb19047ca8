import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { VmbuddiesError } from '../errors.ts';
import { quoteWord } from '../transfer/words.ts';

export interface RegistryOptions {
  /**
   * Folder in which process domains are found; see {@link defaultRegistry}. One that is given stands for a host of its
   * own, without Xen: plain names mean its process domains, and only those are listed.
   */
  readonly registry?: string;
}

/**
 * The folder in which process domains are found when a call names none: `$VMBUDDIES_REGISTRY`, else
 * `$XDG_RUNTIME_DIR/vmbuddies`, else `vmbuddies-UID` in the temporary folder. One folder stands for one host.
 */
export function defaultRegistry(): string {
  const { VMBUDDIES_REGISTRY, XDG_RUNTIME_DIR } = process.env;
  if (VMBUDDIES_REGISTRY) return VMBUDDIES_REGISTRY;
  if (XDG_RUNTIME_DIR) return join(XDG_RUNTIME_DIR, 'vmbuddies');
  return join(tmpdir(), `vmbuddies-${userInfo().uid}`);
}

/**
 * Refuses at once what would fail at the first domain: a registry is a folder of this user's that nobody else can write,
 * or can be made. Makes nothing. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT
 */
export function checkRegistry(registry: string): void {
  if (registry === '') throw refusal('a registry is a folder; its name is empty');
  const status = statusOf(registry);
  if (status === null) {
    checkCanBeMade(resolve(registry));
    return;
  }
  if (!status.isDirectory()) throw refusal(`the registry ${registry} is not a folder`);
  if (status.uid !== process.geteuid!()) throw refusal(`the registry ${registry} belongs to another user`);
  if ((status.mode & 0o022) !== 0) {
    throw refusal(`the registry ${registry} can be written by others: chmod go-w ${quoteWord(registry)}`);
  }
  checkAccess(registry, `the registry ${registry} cannot be used`);
}

function checkCanBeMade(registry: string): void {
  let above = dirname(registry);
  while (statusOf(above) === null && above !== dirname(above)) above = dirname(above);
  if (!statusOf(above)!.isDirectory())
    throw refusal(`the registry ${registry} cannot be made: ${above} is not a folder`);
  checkAccess(above, `the registry ${registry} cannot be made`);
}

function checkAccess(folder: string, message: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refusal(`${message}: ${(error as Error).message}`);
  }
}

/** null: nothing is there. */
function statusOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // Node gives ENOTDIR as no entry too.
    throw refusal(`the registry cannot be looked at: ${(error as Error).message}`);
  }
}

function refusal(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message, { operation: 'registry' });
}
