import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VmbuddiesError } from '../errors.ts';
import { failed as fail, readRegular } from './journal-file.ts';
import { type DecodedJournal, decodeJournal, encodeRecord, type JournalRecord } from './journal-format.ts';

export type { JournalRecord } from './journal-format.ts';

/** One group's decisions, on stable storage. */
export interface Journal {
  /** What it held when it was opened, all of it on stable storage. */
  readonly records: readonly JournalRecord[];
  /**
   * Resolves once the record would survive a crash of the machine. Appends are carried out in the order of the calls.
   * Rejects with ERR_VMBUDDIES_SYSTEM if the record was taken back and the journal is as before, and with
   * ERR_VMBUDDIES_JOURNAL if it may or may not be there; after that nothing more can be appended through this handle.
   */
  append(record: JournalRecord): Promise<void>;
  /** Waits for the appends under way. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a group's journal for appending, creates it if it is not there, and cuts off a torn last line. Only one at a
 * time may have it open: there is one arbitrator to a group. Rejects with ERR_VMBUDDIES_JOURNAL if a line is damaged
 * and with ERR_VMBUDDIES_SYSTEM if a system call fails.
 */
export async function openJournal(path: string): Promise<Journal> {
  const file = await open(path, 'a+', 0o600).catch((error) => fail('open', path, error));
  try {
    const contents = decodeJournal(await file.readFile(), path);
    await file.truncate(contents.validBytes);
    // What was read may have been in the page cache only, left there by an arbitrator that died before its fdatasync.
    await file.datasync();
    await syncDirectory(dirname(resolve(path)));
    return new FileJournal(path, file, contents);
  } catch (error) {
    await file.close();
    fail('open', path, error);
  }
}

/**
 * The records of a journal, for reports. Changes nothing; to act on a journal, open it. Rejects as `openJournal` does, and
 * with ERR_VMBUDDIES_JOURNAL for what is no regular file or far too large: it never waits for one.
 */
export async function readJournal(path: string): Promise<readonly JournalRecord[]> {
  return decodeJournal(await readRegular(path), path).records;
}

class FileJournal implements Journal {
  readonly records: readonly JournalRecord[];
  readonly #path: string;
  readonly #file: FileHandle;
  /** Up to where the file is known to be good, and the checksum there. */
  #end: { validBytes: number; checksum: number };
  #broken = false;
  #last: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, contents: DecodedJournal) {
    this.#path = path;
    this.#file = file;
    this.#end = contents;
    this.records = contents.records;
  }

  append(record: JournalRecord): Promise<void> {
    const appended = this.#closed ? this.#refuse('is closed') : this.#last.then(() => this.#write(record));
    this.#last = appended.catch(() => {});
    return appended;
  }

  close(): Promise<void> {
    this.#closed ??= this.#last.then(() => this.#file.close());
    return this.#closed;
  }

  async #write(record: JournalRecord): Promise<void> {
    if (this.#broken) return this.#refuse('is in doubt since an earlier write failed');
    const { line, checksum } = encodeRecord(record, this.#end.checksum);
    try {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    } catch (error) {
      await this.#takeBack(error);
      fail('append', this.#path, error);
    }
    this.#end = { validBytes: this.#end.validBytes + line.length, checksum };
  }

  async #takeBack(cause: unknown): Promise<void> {
    try {
      await this.#file.truncate(this.#end.validBytes);
      await this.#file.datasync();
    } catch {
      this.#broken = true;
      await this.#refuse('may or may not hold the last record', cause);
    }
  }

  async #refuse(why: string, cause?: unknown): Promise<never> {
    throw new VmbuddiesError('ERR_VMBUDDIES_JOURNAL', `${this.#path} ${why}`, { operation: 'append', cause });
  }
}

/** A file's name lives in its directory: without this a crash could lose a new journal, synced as it may be. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
