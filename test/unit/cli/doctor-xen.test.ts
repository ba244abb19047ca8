import { beforeEach, describe, expect, it, vi } from 'vitest';
import { examineXen } from '../../../src/cli/doctor-xen.ts';
import { probeXen } from '../../../src/index.ts';
import { failed } from '../../../src/transfer/check.ts';
import { examineThisHost } from '../../../src/transfer/remote-host.ts';
import { parseXlInfo } from '../../../src/transfer/xl-output.ts';
import { xlInfo } from '../transfer/xl-says.ts';

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
