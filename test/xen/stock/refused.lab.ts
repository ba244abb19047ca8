import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { inDom0, json, vmbuddies } from '../support/hosts.ts';

interface Examined {
  readonly checks: readonly {
    readonly subject: string;
    readonly verdict: string;
    readonly finding: string;
    readonly fix: string | null;
  }[];
}

describe('what is checked before anything moves', () => {
  beforeAll(async () => {
    const usual = { memoryMiB: 96, wssMiB: 4 };
    await Promise.all([
      startedGuest('fine', usual),
      startedGuest('fine2', usual),
      startedGuest('old', { ...usual, type: 'pv' }),
    ]);
  });
  afterAll(() => endGuests('fine', 'fine2', 'old'));

  it('passes for a PVH guest and a host that can take it', async () => {
    const { stdout, stderr, code } = await vmbuddies(1, 'preflight', 'fine', '--to', '10.77.0.2', '--ssh', 'lab-rsh');
    console.log(stdout);
    expect(code, stderr).toBe(0);
    expect((await vmbuddies(1, 'doctor')).stdout).toMatch(/pass .*xen/i);
  });

  it('finds that the destination would deadlock a group on xl’s global lock', async () => {
    await inDom0(2, 'cp /etc/xen/xl.conf /run/lab/xl.conf; echo \'autoballoon="on"\' >/etc/xen/xl.conf');
    const { checks } = await json<Examined>(1, 'preflight', 'fine', 'fine2', '--to', '10.77.0.2', '--ssh', 'lab-rsh');
    await inDom0(2, 'cp /run/lab/xl.conf /etc/xen/xl.conf');
    const lock = checks.find(({ subject }) => subject === 'parallel restores');
    expect(lock, JSON.stringify(checks)).toMatchObject({ verdict: 'fail' });
    expect(lock!.fix).toMatch(/autoballoon|dom0_mem/);
  });

  it('refuses a PV guest, for this hypervisor was built without shadow paging, and says the way out', async () => {
    const says = await guestSays('old', 1);
    const measured = await vmbuddies(1, 'measure', 'old', '--for', '2s');
    expect(measured.code).not.toBe(0);
    expect(measured.stderr).toMatch(/built without shadow paging/);
    const moved = await vmbuddies(1, 'migrate', 'old', '--to', '10.77.0.2', '--ssh', 'lab-rsh');
    expect(moved.code).not.toBe(0);
    expect(moved.stderr + moved.stdout).toMatch(/shadow paging/);
    await expectAlive('old', 1, says);
  });
});
