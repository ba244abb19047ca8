import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeRecord, type JournalRecord } from '../../../src/arbitrate/journal-format.ts';
import { listDomains, openDomain } from '../../../src/domains/open.ts';
import { recoverGroup } from '../../../src/migrate/recover-group.ts';
import { unfinishedGroups } from '../../../src/migrate/unfinished.ts';
import { xenInfo } from '../cli/fake-domain.ts';
import { FakePrograms, localTransport } from '../transfer/fake-programs.ts';

vi.mock(import('../../../src/domains/open.ts'), async (original) => ({
  ...(await original()),
  listDomains: vi.fn(),
  openDomain: vi.fn(),
}));

const uuid = xenInfo('web').uuid;
const stranger = uuid.replace(/1$/, '2');
let folder: string;
/** What was done to the source here. */
let calls: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmbuddies-recover-'));
  calls = [];
  const note = (call: string) => async () => void calls.push(call);
  const source = {
    info: () => xenInfo('web--migratedaway'),
    resume: note('resume'),
    stepBack: note('name back'),
    destroy: note('destroy'),
    [Symbol.asyncDispose]: async () => {},
  };
  vi.mocked(openDomain).mockReturnValue(source as never);
  vi.mocked(listDomains).mockReturnValue([xenInfo('web--migratedaway', { state: 'suspended' })] as never);
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(...decisions: ('STOP' | 'COMMIT')[]): void {
  const records: JournalRecord[] = [
    {
      type: 'group',
      domains: ['web'],
      destination: { kind: 'xen', to: 'b', ssh: localTransport },
      home: { registry: null, uuids: [uuid] },
    },
    ...decisions.map((decision) => ({ type: 'decision', decision, reason: null }) as const),
  ];
  let checksum = 0;
  const lines = records.map((each) => {
    const { line, checksum: next } = encodeRecord(each, checksum);
    checksum = next;
    return line;
  });
  writeFileSync(join(folder, 'locked-1.jsonl'), Buffer.concat(lines));
}

/** The other host, whose `xl list -v` has these rows; what else its xl is told is written down. */
class Host extends FakePrograms {
  constructor(...rows: [name: string, state: string, seconds: number, uuid: string][]) {
    const list = rows.map(
      ([name, state, seconds, id], at) => `${name} ${at + 7} 128 1 ${state} ${seconds.toFixed(1)} ${id} -`,
    );
    super({
      xl: `case $1 in\nlist) cat <<'END'\n${list.join('\n')}\nEND\n;;\n*) echo "$@" >>"$(dirname "$0")/told";;\nesac`,
      pgrep: 'exit 1',
    });
  }

  get told(): string[] {
    const file = join(this.folder, 'told');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}

async function recovered() {
  const { groups } = await unfinishedGroups(folder);
  const [web] = (await recoverGroup(groups[0]!))!;
  return { ...web!, recordLeft: existsSync(join(folder, 'locked-1.jsonl')) };
}

describe('recovery of a Xen domain after COMMIT', () => {
  it('removes the source when the copy runs at the destination', async () => {
    record('STOP', 'COMMIT');
    using host = new Host(['web', '-b----', 3, uuid]);
    expect(await recovered()).toMatchObject({ where: 'destination', settled: true, recordLeft: false });
    expect([calls, host.told]).toEqual([['destroy'], []]);
  });

  it('lets a copy run that is complete and never ran, then removes the source', async () => {
    record('STOP', 'COMMIT');
    using host = new Host(['web', '--p---', 0, uuid]);
    expect(await recovered()).toMatchObject({ where: 'destination', settled: true, recordLeft: false });
    expect([calls, host.told]).toEqual([['destroy'], ['unpause web']]);
  });

  it('removes a copy that never ran, and resumes the source under its name', async () => {
    record('STOP', 'COMMIT');
    using host = new Host(['web--incoming', '--p---', 0, uuid]);
    expect(await recovered()).toMatchObject({ where: 'source', settled: true, recordLeft: false });
    expect([calls, host.told]).toEqual([['resume', 'name back'], ['destroy 7']]);
  });

  it('resumes the source when no copy is there, and takes another domain of that name for none', async () => {
    record('STOP', 'COMMIT');
    using _ = new Host(['web', '-b----', 3, stranger]);
    expect(await recovered()).toMatchObject({ where: 'source', settled: true, recordLeft: false });
    expect(calls).toEqual(['resume', 'name back']);
  });

  it('does nothing while the host does not answer', async () => {
    record('STOP', 'COMMIT');
    using _ = new FakePrograms({ xl: 'echo "cannot connect" >&2; exit 1' });
    expect(await recovered()).toMatchObject({
      where: 'unknown',
      settled: false,
      reason: 'xl list on b: cannot connect',
      recordLeft: true,
    });
    expect(calls).toEqual([]);
  });
});

describe('recovery of a Xen domain before COMMIT', () => {
  it('resumes the source, and removes the copy that is left', async () => {
    record('STOP');
    using host = new Host(['web--incoming', '--p---', 0, uuid]);
    expect(await recovered()).toMatchObject({ where: 'source', settled: true, recordLeft: false });
    expect([calls, host.told]).toEqual([['resume', 'name back'], ['destroy 7']]);
  });

  it('resumes the source without an answer too, and keeps the record of what may be left there', async () => {
    record('STOP');
    using _ = new FakePrograms({ xl: 'exit 1' });
    expect(await recovered()).toMatchObject({ where: 'source', settled: false, recordLeft: true });
    expect(calls).toEqual(['resume', 'name back']);
  });
});
