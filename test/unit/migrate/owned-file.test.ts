import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/arbitrate/journal-format.ts';
import { createOwned, leftFiles, takeOver } from '../../../src/migrate/owned-file.ts';
import { unfinishedGroups } from '../../../src/migrate/unfinished.ts';

const suffix = '.jsonl';
/** Larger than any process id of Linux. */
const gonePid = 2 ** 22 + 1;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmbuddies-owned-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const journalOf = (...domains: string[]) => encodeRecord({ type: 'group', domains, destination: null }, 0).line;

describe('a file that a process owns', () => {
  it('is left once its owner lets go of it, and not before', async () => {
    const file = await createOwned(folder, suffix);
    expect(await leftFiles(folder, suffix)).toEqual([]);
    expect(await takeOver(file.path)).toBeNull();
    await file.release();
    expect(await leftFiles(folder, suffix)).toEqual([file.path]);
  });

  it('is taken over by one of those who find it left', async () => {
    const file = await createOwned(folder, suffix);
    await file.release();
    const taken = await Promise.all([1, 2, 3].map(() => takeOver(file.path)));
    expect(taken.filter((each) => each !== null)).toHaveLength(1);
    await taken.find((each) => each !== null)!.remove();
    expect(existsSync(file.path)).toBe(false);
  });

  it('that got no name, because its process was killed just then, is removed by whoever looks', async () => {
    const script = `require('node:fs').openSync(process.argv[1], 'wx'); process.kill(process.pid, 'SIGKILL')`;
    const draft = join(folder, `.locked-0${suffix}`);
    spawnSync(process.execPath, ['-e', script, draft]);
    writeFileSync(join(folder, `.other${suffix}`), '');
    const made = await Promise.all(
      [1, 2, 3, 4].flatMap(() => [createOwned(folder, suffix), leftFiles(folder, suffix)]),
    );
    expect(existsSync(draft)).toBe(false);
    expect(existsSync(join(folder, `.other${suffix}`))).toBe(true);
    for (const file of made.filter((each) => 'path' in each)) {
      expect(existsSync(file.path)).toBe(true);
      await file.remove();
    }
  });

  it('of an earlier release is told by the process number, unless that process began after the last write', async () => {
    const own = join(folder, `${process.pid}-0${suffix}`);
    const gone = join(folder, `${gonePid}-0${suffix}`);
    for (const path of [own, gone]) writeFileSync(path, '');
    expect(await leftFiles(folder, suffix)).toEqual([gone]);
    utimesSync(own, 0, 0);
    expect(await leftFiles(folder, suffix)).toEqual([own, gone].toSorted());
  });
});

describe('unfinished groups', () => {
  it('are found beside journals that are damaged, unreadable, huge, or no files at all', async () => {
    const good = join(folder, `${gonePid}-m${suffix}`);
    writeFileSync(good, journalOf('web'));
    writeFileSync(join(folder, `${gonePid}-a${suffix}`), 'damaged\n');
    writeFileSync(join(folder, `${gonePid}-b${suffix}`), '');
    spawnSync('truncate', ['-s', '1G', join(folder, `${gonePid}-c${suffix}`)]);
    spawnSync('mkfifo', [join(folder, `${gonePid}-d${suffix}`)]);
    symlinkSync('/dev/zero', join(folder, `${gonePid}-e${suffix}`));
    symlinkSync(good, join(folder, `${gonePid}-f${suffix}`));
    mkdirSync(join(folder, `${gonePid}-z${suffix}`));
    const { groups, spent, unreadable } = await unfinishedGroups(folder);
    expect(groups.map(({ journal, domains }) => [journal, domains])).toEqual([[good, ['web']]]);
    expect(spent).toEqual([join(folder, `${gonePid}-b${suffix}`)]);
    expect(unreadable.map(({ journal, reason }) => [journal.at(-7), reason.slice(journal.length)])).toEqual([
      ['a', ': line 1 is damaged or one before it is missing'],
      ['c', ' is larger than 16 MiB'],
      ['d', ' is not a regular file'],
      ['e', ' is a link, not a regular file'],
      ['f', ' is a link, not a regular file'],
      ['z', ' is not a regular file'],
    ]);
  });

  it('say nothing of a domain that a later record knows', async () => {
    const [older, newer] = ['a', 'b'].map((name) => join(folder, `${gonePid}-${name}${suffix}`));
    writeFileSync(older!, journalOf('web', 'db'));
    writeFileSync(newer!, journalOf('db'));
    utimesSync(older!, 1, 1);
    utimesSync(newer!, 2, 2);
    const { groups } = await unfinishedGroups(folder);
    expect(groups.map(({ journal, superseded }) => [journal, superseded])).toEqual([
      [newer, []],
      [older, ['db']],
    ]);
  });
});
