import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, openRegular } from '../arbitrate/journal-file.ts';
import { VmbuddiesError } from '../errors.ts';
import { native } from '../native/load.ts';

/**
 * A file that belongs to one process, which holds a lock on it for as long as it lives. The kernel lets go of the lock
 * when the process ends, however it does: neither a process number in use again nor a container's numbers can make a
 * file look owned.
 */
export interface OwnedFile {
  readonly path: string;
  /** Leaves the file to whoever looks for left ones. Idempotent. */
  release(): Promise<void>;
  remove(): Promise<void>;
}

/** Files of earlier releases are named `PID-UUID…` and hold no lock. */
const unlockedName = /^(\d+)-/;
const lockedPrefix = 'locked-';

/** @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM */
export async function createOwned(folder: string, suffix: string): Promise<OwnedFile> {
  const name = `${lockedPrefix}${randomUUID()}${suffix}`;
  // It gets its name once it is locked: nobody may find it without an owner.
  const draft = join(folder, `.${name}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(draft, 'wx', 0o600);
    try {
      if (native().tryLock(file.fd, true)) {
        await rename(draft, join(folder, name));
        return new LockedFile(join(folder, name), file);
      }
    } catch (error) {
      await file.close();
      await rm(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await file.close();
  } catch (error) {
    return failed('create', draft, error);
  }
  // Whoever looked just then has taken it for one that a killed process has left.
  return await createOwned(folder, suffix);
}

/** A process that was killed before its file had got its name has left a draft that nobody has locked. */
async function sweepDraft(draft: string): Promise<void> {
  const file = await openRegular(draft).catch(() => null); // gone meanwhile, or none of ours
  if (file === null) return;
  try {
    // Under the lock, without which no draft gets its name.
    if (native().tryLock(file.fd, true)) await rm(draft, { force: true });
  } finally {
    await file.close();
  }
}

/**
 * Takes over a file that `leftFiles` has found; null if another process has been faster.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_JOURNAL if it is no regular file, ERR_VMBUDDIES_SYSTEM
 */
export async function takeOver(path: string): Promise<OwnedFile | null> {
  const file = await openRegular(path);
  try {
    const isOurs = native().tryLock(file.fd, true);
    const [held, named] = await Promise.all([file.stat(), stat(path).catch(() => null)]);
    if (isOurs && named?.dev === held.dev && named.ino === held.ino) return new LockedFile(path, file);
  } catch (error) {
    await file.close();
    return failed('lock', path, error);
  }
  await file.close();
  return null;
}

/** Files of a folder by whether a process owns them, by name. What is no regular file belongs to nobody. */
export async function ownedFiles(folder: string, suffix: string): Promise<{ left: string[]; held: string[] }> {
  const left: string[] = [];
  const held: string[] = [];
  if (!existsSync(folder)) return { left, held };
  const names = await readdir(folder).catch((error) => failed('read', folder, error));
  const ours = names.filter((each) => each.endsWith(suffix)).sort();
  for (const name of ours.filter((each) => each.startsWith(`.${lockedPrefix}`))) await sweepDraft(join(folder, name));
  for (const name of ours.filter((each) => !each.startsWith('.'))) {
    const path = join(folder, name);
    ((await isLeft(path, name)) ? left : held).push(path);
  }
  return { left, held };
}

/** The paths of such files in the folder whose processes are gone, by name. */
export async function leftFiles(folder: string, suffix: string): Promise<string[]> {
  return (await ownedFiles(folder, suffix)).left;
}

class LockedFile implements OwnedFile {
  readonly path: string;
  /** The lock is its description's. */
  readonly #file: FileHandle;
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  release(): Promise<void> {
    this.#closed ??= this.#file.close();
    return this.#closed;
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await this.release();
  }
}

async function isLeft(path: string, name: string): Promise<boolean> {
  const pid = unlockedName.exec(name)?.[1];
  try {
    const file = await openRegular(path);
    try {
      // Shared, so that two who look at once do not take each other for the owner.
      if (!native().tryLock(file.fd, false)) return false;
      return pid === undefined || !couldOwn(Number(pid), (await file.stat()).mtimeMs);
    } finally {
      await file.close();
    }
  } catch (error) {
    // Gone meanwhile, it is nobody's; anything else is for the reader of it to say.
    return (VmbuddiesError.from(error).cause as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT';
  }
}

/** Whether this number's process was there when the file was last written; otherwise the number is in use again. */
function couldOwn(pid: number, writtenMs: number): boolean {
  /** Boot time is given in whole seconds. */
  const roundingMs = 2000;
  const ticksPerSecond = 100;
  try {
    // The name in parentheses may hold blanks; the start time is the 20th field after it.
    const ticks = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]);
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    return (bootSeconds + ticks / ticksPerSecond) * 1000 <= writtenMs + roundingMs;
  } catch {
    return false;
  }
}
