import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filedBalloons, leftBallooned } from '../../../src/migrate/balloon-record.ts';

const before = [{ reference: 'xen:web', presentBytes: 2 ** 30 }];
/** Larger than any process id of Linux. */
const gonePid = 2 ** 22 + 1;

describe('the record of what was ballooned away', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vmbuddies-balloons-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is found once nobody holds it any more, and not before', async () => {
    await filedBalloons(folder).write(before);
    expect(await leftBallooned(folder)).toEqual([]);
    const [name] = readdirSync(folder);
    const file = join(folder, `left-${name}`);
    copyFileSync(join(folder, name!), file);
    expect(await leftBallooned(folder)).toEqual([{ file, domains: before }]);
  });

  it('leaves nothing behind when it is removed, written or not', async () => {
    const record = filedBalloons(folder);
    await record.remove();
    await record.write(before);
    await record.write([...before, ...before]);
    await record.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says nothing where it is torn, and leaves out what is no entry', async () => {
    writeFileSync(join(folder, `${gonePid}-a.balloon.json`), '[{"reference":"xen:w');
    const file = join(folder, `${gonePid}-b.balloon.json`);
    writeFileSync(file, JSON.stringify([null, { reference: 1, presentBytes: 1 }, ...before, { reference: 'xen:db' }]));
    expect(await leftBallooned(folder)).toEqual([{ file, domains: before }]);
    expect(await leftBallooned(join(folder, 'none'))).toEqual([]);
  });
});
