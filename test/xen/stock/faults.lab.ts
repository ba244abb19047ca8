import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { domainsOf, endGuests, expectAlive, type GuestSays, guestSays, startedGuest } from '../support/guest.ts';
import { attempt, inDom0, quoted, attempt as tried, vmbuddies } from '../support/hosts.ts';
import { attemptDrive, drive, type Intervention, migrate } from '../support/migration.ts';

const name = 'faulty';
/** Ends every process of the receiver's, as a crash of the other host's tools would. */
const killReceiver = 'lab-rsh 10.77.0.2 pkill -9 -f migrate-receive';
const cutTransport = 'pkill -9 -x lab-rsh';

/** A guest that is moved while something breaks, still on host 1 and in good health. */
async function survivesAt(at: readonly Intervention[], before: GuestSays) {
  const driven = await drive([name], { at });
  expect(driven.outcome, JSON.stringify(driven.outcome)).toMatchObject({ where: 'source' });
  expect(['aborted', 'failed']).toContain(driven.outcome.outcome);
  await expectAlive(name, 1, before);
  return driven;
}

/** What is left of a copy at the destination goes, as the command that is for that says. */
async function sweep(): Promise<void> {
  const attemptOnce = () => vmbuddies(1, 'sweep', name, '--to', '10.77.0.2', '--ssh', 'lab-rsh');
  let answer = await attemptOnce();
  // Nothing is destroyed while the receiver has not ended, and it takes its time to notice.
  for (let tries = 0; tries < 20 && answer.code !== 0; tries++) answer = await attemptOnce();
  expect(answer.code, answer.stdout + answer.stderr).toBe(0);
  expect(copies(await domainsOf(2))).toEqual([]);
}

const copies = (domains: ReadonlyMap<string, string>) => [...domains.keys()].filter((each) => each.startsWith(name));

describe('a migration that breaks', () => {
  let before: GuestSays;
  beforeEach(async () => {
    const running = await tried(1, `xl domid ${name} && xl domid ${name}--incoming; true`);
    if (!/^\d+\n$/.test(running.stdout)) await startedGuest(name, { memoryMiB: 96, wssMiB: 4 });
    before = await guestSays(name, 1);
  });
  afterAll(() => endGuests(name));

  // Before it is ready, and after.
  for (const state of ['precopy', 'prepared'] as const) {
    it(`leaves the guest at its source when the receiver is killed in ${state}`, async () => {
      await survivesAt([{ type: 'state', state, run: killReceiver }], before);
      await sweep();
    });

    it(`brings the guest home, and removes its copy, when it is aborted in ${state}`, async () => {
      const { outcome } = await survivesAt([{ type: 'state', state, abort: 'the test says so' }], before);
      expect(outcome.outcome).toBe('aborted');
      expect(copies(await domainsOf(2))).toEqual([]);
    });
  }

  // In round 0, in wait-and-copy, in the final copy.
  for (const state of ['precopy', 'waiting', 'stopping'] as const) {
    it(`leaves the guest at its source when the transport is cut in ${state}`, async () => {
      await survivesAt([{ type: 'state', state, run: cutTransport }], before);
      await sweep();
    });
  }

  for (const state of ['precopy', 'waiting', 'stopping', 'prepared'] as const) {
    it(`loses nothing when the sender is killed in ${state}`, async () => {
      const { code } = await attemptDrive([name], { at: [{ type: 'state', state, die: true }] });
      expect(code).not.toBe(0);
      const { stdout } = await vmbuddies(1, 'doctor');
      const suspended = (await domainsOf(1)).get(name)?.includes('s') ?? true;
      if (suspended) expect(stdout, 'the doctor says what is left to do').toMatch(/vmbuddies recover/);
      const recovered = await vmbuddies(1, 'recover', name);
      expect(recovered.code, recovered.stdout + recovered.stderr).toBe(0);
      await expectAlive(name, 1, before);
      await sweep();
      // What the killed owner has left of its dirty log is no obstacle.
      const measured = await vmbuddies(1, 'measure', name, '--for', '2s', '--json');
      expect(measured.code, measured.stderr).toBe(0);
    });
  }

  // The guest is suspended after the first, and may run on either host after the second.
  for (const decision of ['STOP', 'COMMIT'] as const) {
    it(`is brought to one place by "vmbuddies recover" when the sender is killed after ${decision}`, async () => {
      const { code } = await attemptDrive([name], { at: [{ type: 'decision', decision, die: true }] });
      expect(code).not.toBe(0);
      const recover = () => vmbuddies(1, 'recover', name);
      let answer = await recover();
      // What cannot be known while the receiver has not noticed that its sender is gone is known soon after.
      for (let tries = 0; tries < 20 && answer.code !== 0; tries++) answer = await recover();
      expect(answer.code, answer.stdout + answer.stderr).toBe(0);
      const here = await domainsOf(1);
      const there = await domainsOf(2);
      expect([...here.keys()]).not.toContain(`${name}--migratedaway`);
      const places = ([1, 2] as const).filter((host) => (host === 1 ? here : there).has(name));
      expect(places).toHaveLength(1);
      if (decision === 'STOP') expect(places).toEqual([1]);
      await expectAlive(name, places[0]!, before);
      if (places[0] === 1) await sweep();
      expect((await vmbuddies(1, 'doctor')).stdout).not.toMatch(/recover|resume/);
      await endGuests(name);
    });
  }

  it('never lets two copies run when the receiver is killed after it was told to go', async () => {
    const driven = await drive([name], { at: [{ type: 'decision', decision: 'COMMIT', run: killReceiver }] });
    const here = (await domainsOf(1)).get(name) ?? (await domainsOf(1)).get(`${name}--migratedaway`);
    const there = (await domainsOf(2)).get(name);
    console.log(`killed after COMMIT: outcome ${driven.outcome.outcome}, here ${here ?? '-'}, there ${there ?? '-'}`);
    const runs = (states: string | undefined) => states !== undefined && /[rb]/.test(states) && !/[ps]/.test(states);
    expect(runs(here) && runs(there)).toBe(false);
    expect(['committed', 'unknown', 'partial', 'failed']).toContain(driven.outcome.outcome);
    await endGuests(name);
  });

  it('is refused before anything moves when the name is taken at the destination', async () => {
    await inDom0(
      2,
      `printf '%s\\n' 'name="${name}"' 'type="pvh"' 'kernel="/lab/vmlinuz"' 'memory=96' >/run/lab/t.cfg && xl create -p -q /run/lab/t.cfg`,
    );
    const answer = await vmbuddies(1, 'migrate', name, '--to', '10.77.0.2', '--ssh', 'lab-rsh');
    expect(answer.code).not.toBe(0);
    expect(answer.stderr + answer.stdout).toMatch(/10\.77\.0\.2 has a domain of this name/);
    await inDom0(2, `xl destroy ${name}`);
    await expectAlive(name, 1, before);
  });

  it('is refused before anything moves when the destination has not the memory', async () => {
    await inDom0(
      2,
      'printf \'%s\\n\' \'name="hog"\' \'type="pvh"\' \'kernel="/lab/vmlinuz"\' "memory=$(($(xl info free_memory) - 40))" >/run/lab/hog.cfg && xl create -p -q /run/lab/hog.cfg',
    );
    const answer = await vmbuddies(1, 'migrate', name, '--to', '10.77.0.2', '--ssh', 'lab-rsh');
    const forced = await migrate([name], { more: ['--skip-preflight'] });
    await inDom0(2, 'xl destroy hog');
    expect(answer.code).not.toBe(0);
    expect(answer.stderr + answer.stdout).toMatch(/memory/i);
    expect(forced, 'without the check it fails late, and loses nothing').toMatchObject({ where: 'source' });
    await expectAlive(name, 1, before);
  });

  it('is refused while another migration of the same domain is under way', async () => {
    const slow = drive([name], {
      options: { linkBytesPerSecond: 3.5e6 },
      at: [{ type: 'round', abort: 'enough' }],
    });
    await attempt(1, `for i in $(seq 100); do pgrep -f migrate-receive >/dev/null && break; sleep 0.2; done; sleep 3`);
    const second = await migrate([name], { more: ['--skip-preflight'] });
    expect(second).toMatchObject({ where: 'source' });
    expect(second.reason).toMatch(/is being moved/);
    const first = await slow;
    expect(first.outcome.where).toBe('source');
    await expectAlive(name, 1, before);
  });
});

describe('a guest that does not take part', () => {
  afterAll(() => endGuests('deaf', 'poweroff', 'stays', 'goes'));

  it('lets a guest that ignores the request to suspend run on', async () => {
    await startedGuest('deaf', { memoryMiB: 96, wssMiB: 4, settings: { ignore_suspend: 1 } });
    const says = await guestSays('deaf', 1);
    const report = await migrate(['deaf'], { more: ['--skip-preflight', '--suspend-timeout', '5s'] });
    expect(report).toMatchObject({ where: 'source' });
    expect(report.outcome).not.toBe('committed');
    expect(report.reason).toMatch(/suspend/i);
    await expectAlive('deaf', 1, says);
    await endGuests('deaf');
  });

  it('has ended when it is destroyed midway, and is not said to run anywhere; the others run on at their source', async () => {
    await startedGuest('stays', { memoryMiB: 96, wssMiB: 4 });
    await startedGuest('goes', { memoryMiB: 96, wssMiB: 4 });
    const says = await guestSays('stays', 1);
    const migration = 'vmbuddies migrate stays goes --to 10.77.0.2 --ssh lab-rsh --link 40Mbit/s --strategy equal';
    const destroying =
      'while IFS= read -r line; do case $line in *"goes: round 0"*) xl destroy goes;; esac; printf "%s\\n" "$line"; done';
    const { code, stdout } = await tried(1, `bash -c ${quoted(`set -o pipefail; ${migration} 2>&1 | ${destroying}`)}`);
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/\bgoes\b[^\n]*\bended\b/);
    expect(stdout).toMatch(/stays runs on here/);
    await expectAlive('stays', 1, says);
    for (const host of [1, 2] as const) expect([...(await domainsOf(host)).keys()]).not.toContain('goes');
    await endGuests('stays', 'goes');
  });

  it('says so when the guest powers off midway', async () => {
    await startedGuest('poweroff', { memoryMiB: 96, wssMiB: 4, settings: { poweroff_after: 20 } });
    const { outcome } = await drive(['poweroff'], { options: { linkBytesPerSecond: 1e6 } });
    expect(outcome.outcome).not.toBe('committed');
    expect(outcome.reason).toMatch(/poweroff has powered off/);
    expect([...(await domainsOf(2)).keys()].filter((each) => each.startsWith('poweroff'))).toEqual([]);
    await endGuests('poweroff');
  });
});
