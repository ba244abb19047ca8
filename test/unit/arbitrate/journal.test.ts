import { appendFile, mkdtemp, open, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type JournalRecord, openJournal, readJournal } from '../../../src/arbitrate/journal.ts';
import { recordFailed } from '../../../src/arbitrate/recovery.ts';

const group: JournalRecord = { type: 'group', domains: ['web', 'db'], destination: null };
const stop: JournalRecord = { type: 'decision', decision: 'STOP', reason: null };
const commit: JournalRecord = { type: 'decision', decision: 'COMMIT', reason: null };
const abort: JournalRecord = { type: 'decision', decision: 'ABORT', reason: 'Straße gesperrt\n' };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmbuddies-journal-'));
  path = join(folder, 'group.jsonl');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function write(...records: JournalRecord[]): Promise<void> {
  const journal = await openJournal(path);
  await Promise.all(records.map((record) => journal.append(record)));
  await journal.close();
}

/** The methods that every open file shares, to make one of them fail. */
async function fileMethods(): Promise<{ datasync(): Promise<void>; truncate(length: number): Promise<void> }> {
  const handle = await open(path, 'a');
  await handle.close();
  return Object.getPrototypeOf(handle);
}
const ioError = Object.assign(new Error('EIO: i/o error, fdatasync'), { errno: -5, code: 'EIO' });

describe('a journal', () => {
  it('gives back what was appended, in order, to the next that opens it', async () => {
    await write(group, stop);
    await write(abort);
    const journal = await openJournal(path);
    expect(journal.records).toEqual([group, stop, abort]);
    await journal.close();
    expect(await readJournal(path)).toEqual([group, stop, abort]);
  });

  it('is one line of JSON with a checksum for each record, readable by its owner alone', async () => {
    await write(group, stop);
    expect(await readFile(path, 'utf8')).toBe(
      '{"crc":"000b8b0a","record":{"type":"group","domains":["web","db"],"destination":null}}\n' +
        '{"crc":"b9f5c9e7","record":{"type":"decision","decision":"STOP","reason":null}}\n',
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('reports a record only after fdatasync, and its own name after an fsync of its directory', async () => {
    const methods = await fileMethods();
    const order: string[] = [];
    const spied = methods as unknown as Record<
      'datasync' | 'sync' | 'appendFile',
      (...args: unknown[]) => Promise<void>
    >;
    for (const name of ['datasync', 'sync', 'appendFile'] as const) {
      const real = spied[name];
      vi.spyOn(spied, name).mockImplementation(async function (this: unknown, ...args) {
        await real.apply(this, args);
        order.push(name);
      });
    }
    const journal = await openJournal(path);
    await journal.append(group).then(() => order.push('reported'));
    await journal.close();
    expect(order).toEqual(['datasync', 'sync', 'appendFile', 'datasync', 'reported']);
  });

  it('is empty if it is not there yet, but only to one that opens it', async () => {
    await expect(readJournal(path)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_SYSTEM',
      operation: 'open',
      errno: 2,
    });
    const journal = await openJournal(path);
    expect(journal.records).toEqual([]);
    await journal.close();
  });

  it('refuses to append once it is closed', async () => {
    const journal = await openJournal(path);
    await journal.close();
    await journal.close();
    await expect(journal.append(group)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_JOURNAL', operation: 'append' });
  });
});

describe('a damaged journal', () => {
  it('loses a last line torn at any byte, and goes on behind the one before', async () => {
    await write(group, stop);
    const { size: whole } = await stat(path);
    await write(commit);
    const { size } = await stat(path);
    const bytes = await readFile(path);
    for (let length = whole; length < size; length += 1) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await readJournal(path)).toEqual([group, stop]);
    }
    await write(abort);
    expect(await readJournal(path)).toEqual([group, stop, abort]);
  });

  it('loses a torn line of zeros, as a file system may leave it', async () => {
    await write(group);
    await appendFile(path, Buffer.alloc(100));
    await write(stop);
    expect(await readJournal(path)).toEqual([group, stop]);
  });

  it('is an error that names the line if any bit of a whole line has changed, be it the last', async () => {
    await write(group, commit);
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length - 1; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      await writeFile(path, flipped);
      await expect(readJournal(path)).rejects.toMatchObject({
        code: 'ERR_VMBUDDIES_JOURNAL',
        message: expect.stringMatching(/group\.jsonl: line [12] is damaged or one before it is missing$/),
      });
    }
  });

  it('is an error if a line in the middle is missing', async () => {
    await write(group, stop, commit);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [lines[0], lines[2], ''].join('\n'));
    await expect(openJournal(path)).rejects.toMatchObject({ message: expect.stringContaining('line 2 is damaged') });
  });
});

describe('a write that fails', () => {
  it('is taken back, so that the protocol can count on the record not being there', async () => {
    await write(group);
    const journal = await openJournal(path);
    vi.spyOn(await fileMethods(), 'datasync').mockRejectedValueOnce(ioError);
    const error: unknown = await journal.append(commit).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_VMBUDDIES_SYSTEM', operation: 'append', errno: 5, cause: ioError });
    expect(recordFailed('COMMIT', error)).toMatchObject({ type: 'recordFailed', decision: 'COMMIT', written: 'no' });
    expect(await readJournal(path)).toEqual([group]);
    await journal.append(abort);
    await journal.close();
    expect(await readJournal(path)).toEqual([group, abort]);
  });

  it('leaves the journal in doubt if it cannot be taken back, and nothing more is appended', async () => {
    await write(group);
    const journal = await openJournal(path);
    const methods = await fileMethods();
    vi.spyOn(methods, 'datasync').mockRejectedValueOnce(ioError);
    vi.spyOn(methods, 'truncate').mockRejectedValueOnce(ioError);
    const error: unknown = await journal.append(commit).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_VMBUDDIES_JOURNAL', cause: ioError });
    expect(recordFailed('COMMIT', error)).toMatchObject({ written: 'maybe' });
    await expect(journal.append(abort)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_JOURNAL' });
    await journal.close();
    expect(await readJournal(path)).toEqual([group, commit]);
  });

  it('leaves no file open when it is not a journal', async () => {
    await writeFile(path, 'not a journal\n');
    await expect(openJournal(path)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_JOURNAL' });
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(open).not.toContain(path);
  });
});
