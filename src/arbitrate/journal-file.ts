import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { VmbuddiesError } from '../errors.ts';

/** Far more than any record of a group takes. */
const maxBytes = 16 * 2 ** 20;

/**
 * Opens a file for reading that may be anything: never waits for the other end of a FIFO, follows no link, and refuses
 * what is no regular file.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_JOURNAL if it is no regular file, ERR_VMBUDDIES_SYSTEM if a system call fails
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW).catch((error) => {
    if (error.code === 'ELOOP') throw refusal(path, 'is a link, not a regular file');
    return failed('open', path, error);
  });
  try {
    if (!(await file.stat()).isFile()) throw refusal(path, 'is not a regular file');
    return file;
  } catch (error) {
    await file.close();
    return failed('open', path, error);
  }
}

/** The whole of such a file. @throws {VmbuddiesError} as `openRegular`, and ERR_VMBUDDIES_JOURNAL if it is too large */
export async function readRegular(path: string): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    if ((await file.stat()).size > maxBytes) throw refusal(path, `is larger than ${maxBytes >> 20} MiB`);
    return await file.readFile();
  } catch (error) {
    return failed('read', path, error);
  } finally {
    await file.close();
  }
}

/** Rethrows what a file system call has thrown as ERR_VMBUDDIES_SYSTEM, and an error of ours as it is. */
export function failed(operation: string, path: string, error: unknown): never {
  if (error instanceof VmbuddiesError) throw error;
  const { message, errno = 0 } = error as NodeJS.ErrnoException;
  const details = { operation, errno: Math.abs(errno), cause: error };
  throw new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', `${operation} ${path}: ${message}`, details);
}

function refusal(path: string, what: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_JOURNAL', `${path} ${what}`, { operation: 'read' });
}
