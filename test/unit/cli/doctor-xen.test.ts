import { beforeEach, describe, expect, it, vi } from 'vitest';
import { judgeGroup } from '../../../src/cli/doctor-groups.ts';
import { examineXen } from '../../../src/cli/doctor-xen.ts';
import { probeXen, type UnfinishedGroup } from '../../../src/index.ts';
import { failed } from '../../../src/transfer/check.ts';
import { examineThisHost } from '../../../src/transfer/remote-host.ts';
import { parseXlInfo } from '../../../src/transfer/xl-output.ts';
import { xlInfo } from '../transfer/xl-says.ts';
import { xenInfo } from './fake-domain.ts';

vi.mock(import('../../../src/index.ts'), async (original) => ({ ...(await original()), probeXen: vi.fn() }));
vi.mock(import('../../../src/transfer/remote-host.ts'), async (original) => ({
  ...(await original()),
  examineThisHost: vi.fn(),
}));

function xen(virtCaps: string): void {
  vi.mocked(examineThisHost).mockResolvedValue(parseXlInfo(xlInfo({ virtCaps }))!);
}

async function lines() {
  return (await examineXen()).map(({ subject, verdict, finding }) => `${verdict} ${subject}: ${finding}`);
}

describe('doctor, of Xen', () => {
  beforeEach(() => {
    vi.mocked(probeXen).mockReturnValue({ usable: true, reason: '', version: '4.17.7' });
  });

  it('only notes that there is none, since process domains need none', async () => {
    vi.mocked(probeXen).mockReturnValue({ usable: false, reason: 'this machine does not run under Xen', version: '' });
    expect(await lines()).toEqual(['note Xen: this machine does not run under Xen']);
  });

  it('fails where there is Xen that it cannot use', async () => {
    vi.mocked(probeXen).mockReturnValue({ usable: false, reason: 'libxenctrl.so.4.20 is missing', version: '4.20.0' });
    expect(await lines()).toEqual(['fail Xen: 4.20.0: libxenctrl.so.4.20 is missing']);
  });

  it('says what kinds of guests can be moved live', async () => {
    xen('pv hvm hap gnttab-v1');
    expect(await lines()).toEqual([
      'pass Xen: 4.17.7, and the libraries that fit it',
      'pass xl: answers',
      'pass log-dirty, PVH and HVM: by nested page tables',
      'note log-dirty, PV: this Xen has no shadow page tables: PV guests cannot be migrated live',
    ]);
    xen('pv hvm hap shadow');
    expect((await lines()).at(-1)).toBe('pass log-dirty, PV: by shadow page tables');
    xen('pv');
    expect(await lines()).toContain('fail log-dirty, PVH and HVM: no nested page tables here');
  });

  it('says when xl does not work', async () => {
    vi.mocked(examineThisHost).mockResolvedValue(failed('xl', 'there is no program "xl" here', 'install xen-utils'));
    expect((await lines()).at(-1)).toBe('fail xl: there is no program "xl" here');
  });
});

describe('doctor, of a group of Xen domains left halfway', () => {
  const group: UnfinishedGroup = {
    journal: '/state/1.jsonl',
    domains: ['web', 'app', 'db'],
    destination: { kind: 'xen', to: 'other-host', ssh: 'rsh -4' },
    decision: 'ABORT',
  };
  const here = [
    xenInfo('web', { state: 'suspended' }),
    xenInfo('app--migratedaway', { state: 'suspended' }),
    xenInfo('db'),
    xenInfo('other', { state: 'suspended' }),
  ];

  it('gives before COMMIT what to type for each that does not run under its name', () => {
    expect(judgeGroup(group, here)).toEqual({
      subject: 'group web, app, db',
      verdict: 'note',
      finding: 'left halfway before COMMIT: every domain belongs here, at its source',
      fix: [
        'vmbuddies resume web',
        'xl rename app--migratedaway app && vmbuddies resume app',
        "vmbuddies sweep web app db --to other-host --ssh 'rsh -4'",
        'then delete /state/1.jsonl',
      ].join('\n'),
    });
  });

  it('gives after COMMIT what to type for each thing that may be found at the destination', () => {
    const check = judgeGroup({ ...group, decision: 'COMMIT' }, here);
    expect(check).toMatchObject({
      verdict: 'fail',
      finding: 'left halfway after COMMIT: any of them may run at other-host',
    });
    expect(check.fix!.split('\n')).toEqual([
      'look at the destination, other-host, for each NAME of them: rsh -4 other-host xl list',
      'NAME runs there: it has moved. Remove what is left here: xl destroy NAME--migratedaway',
      'NAME is there, paused: let it run, rsh -4 other-host xl unpause NAME, then as above',
      "NAME--incoming is there: it never ran. vmbuddies sweep NAME --to other-host --ssh 'rsh -4', then as below",
      'neither is there: bring it back here: xl rename NAME--migratedaway NAME && vmbuddies resume NAME',
      'other-host does not answer: wait until it does. Two running copies of one guest destroy its disks',
      'then delete /state/1.jsonl',
    ]);
  });

  it('tells of process domains in their own words, also where the journal does not say where they went', () => {
    const fix = ['"vmbuddies list", "vmbuddies resume NAME" for each that is paused', 'then delete /state/1.jsonl'];
    for (const destination of [null, { kind: 'process', to: '127.0.0.1:7070', ssh: null } as const]) {
      expect(judgeGroup({ ...group, destination }, here).fix).toBe(fix.join('\n'));
    }
  });
});
