import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineOptions } from '../../../src/domains/engine.ts';
import { openXenDomain } from '../../../src/domains/xen-domain.ts';
import { FakeXen, xenInfo } from './fake-xen.ts';

const MiB = 2 ** 20;
let xen: FakeXen;
vi.mock('../../../src/native/load.ts', () => ({ native: () => xen.addon, saveProgram: () => '/addon/save' }));
vi.mock('../../../src/transfer/xl.ts', () => ({
  domainConfig: async (domid: number) => {
    xen.calls.push(`config ${domid}`);
    return { c_info: { domid, name: 'web' } };
  },
  destroyDomain: async (domid: number) => xen.calls.push(`destroy ${domid}`),
}));
beforeEach(() => {
  xen = new FakeXen();
});

const options = (xenOptions: Partial<EngineOptions['xen']> = {}): EngineOptions => ({
  to: 'there',
  stopRule: 'converged',
  maxDowntimeMs: 250,
  suspendTimeoutMs: 30_000,
  secret: null,
  tracker: 'auto',
  xen: { ssh: 'lab-rsh -q', engine: 'auto', verifyStream: false, ...xenOptions },
});

describe('a Xen domain', () => {
  it('needs of its memory what is present less what its agent says is free', async () => {
    expect(await openXenDomain('web').usedBytes()).toBe(60 * MiB);
  });

  it('needs at least nothing, however old the agent’s word is', async () => {
    xen.freeBytes = 110 * MiB;
    expect(await openXenDomain('web').usedBytes()).toBe(0);
  });

  it('does not guess what it needs where no agent says', async () => {
    xen.freeBytes = null;
    expect(await openXenDomain('web').usedBytes()).toBeNull();
  });

  it('cannot be asked to verify its memory', async () => {
    await expect(openXenDomain('web').verify()).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_UNAVAILABLE',
      domain: 'web',
    });
  });

  it('steps aside under xl’s name, and back only if it had', async () => {
    const web = openXenDomain('web');
    await web.stepBack();
    await web.stepAside();
    await web.stepBack();
    await web.stepBack();
    expect(xen.calls).toEqual(['open web', 'rename web--migratedaway', 'rename web']);
  });

  it('may step back again after a rename that failed', async () => {
    const web = openXenDomain('web');
    await web.stepAside();
    xen.failure = new Error('xenstore does not answer');
    await expect(web.stepBack()).rejects.toMatchObject({ domain: 'web' });
    await web.stepBack();
    expect(xen.calls.filter((call) => call === 'rename web')).toHaveLength(2);
  });

  it('is destroyed by its number, for its name may be its copy’s', async () => {
    await openXenDomain('web').destroy();
    expect(xen.calls).toEqual(['open web', 'destroy 7']);
  });

  it('is not destroyed, resumed, ballooned or measured while another group moves it, but by force it is destroyed', async () => {
    const web = openXenDomain('web');
    xen.mover = 'process 7 migrates web to there';
    const refusal = { code: 'ERR_VMBUDDIES_STATE', message: 'web is being moved: process 7 migrates web to there.' };
    for (const harm of [() => web.destroy(), () => web.resume(), () => web.balloon(1), () => web.openDirtyLog()]) {
      await expect(harm()).rejects.toMatchObject(refusal);
    }
    expect(xen.calls).toEqual(['open web']);
    await web.destroy({ force: true });
    expect(xen.calls).toEqual(['open web', 'destroy 7']);
  });

  it('is where a look finds it: at the source, ended, or unknown where Xen does not answer', () => {
    const web = openXenDomain('web');
    expect(web.place()).toBe('source');
    xen.guests = [xenInfo({ state: 'dying' })];
    expect(openXenDomain('web').place()).toBe('ended');
    xen.lookFails = Object.assign(new Error('gone'), { code: 'ERR_VMBUDDIES_DOMAIN_GONE' });
    expect(web.place()).toBe('ended');
    xen.lookFails = new Error('xenstore does not answer');
    expect(web.place()).toBe('unknown');
  });

  it('gives the guest a minute to suspend, as libxl does', async () => {
    await openXenDomain('web').suspend();
    expect(xen.calls).toContain('suspend 60 s');
  });

  it('keeps its dirty log on a handle of its own, which ends with it', async () => {
    const web = openXenDomain('web');
    const log = await web.openDirtyLog();
    expect(await log.peek()).toEqual({ pages: 3, probeMs: 2, guestStallMs: 2 });
    expect((await log.cleanBitmap()).bitmap).toEqual(Uint8Array.of(7));
    await log[Symbol.asyncDispose]();
    expect(xen.calls).toEqual(['open web', 'open 7', 'log on', 'close 7']);
  });

  it('lets go of the handle when its log cannot be had', async () => {
    xen.failure = Object.assign(new Error('somebody else has it'), { code: 'ERR_VMBUDDIES_DIRTY_LOG_BUSY' });
    await expect(openXenDomain('web').openDirtyLog()).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_DIRTY_LOG_BUSY',
      domain: 'web',
    });
    expect(xen.calls).toContain('close 7');
  });

  it('has Xen’s dirty log and no other', async () => {
    await expect(openXenDomain('web').openDirtyLog('compare')).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_ARGUMENT',
    });
  });

  it.each(['host', 'root@host', 'fe80::1%eth0', '10.77.0.2'])('can go to %s', (to) => {
    expect(() => openXenDomain('web').checkDestination(to, 'lab-rsh -q')).not.toThrow();
  });

  it.each([
    ['host:7070', null],
    ['[::1]:7070', null],
    ['-oProxyCommand=x', null],
    ['two words', null],
    ['', null],
    ['host', ''],
    ['host', 'ssh | tee x'],
  ])('cannot go to "%s" by %s', (to, ssh) => {
    expect(() => openXenDomain('web').checkDestination(to, ssh)).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }),
    );
  });

  it.each([
    ['pvh', 'auto', 'vmbuddies'],
    ['hvm', 'auto', 'vmbuddies'],
    ['pv', 'auto', 'libxenguest'],
    ['pvh', 'libxenguest', 'libxenguest'],
    ['pv', 'libxenguest', 'libxenguest'],
  ] as const)('that is %s moves, asked for %s, with %s', (type, choice, engine) => {
    xen.guests = [xenInfo({ type })];
    expect(openXenDomain('web').engineFor(choice)).toBe(engine);
  });

  it('that is PV refuses our own engine', () => {
    xen.guests = [xenInfo({ type: 'pv' })];
    expect(() => openXenDomain('web').engineFor('vmbuddies')).toThrow(/paravirtualised/);
  });
});

describe('the migration of a Xen domain', () => {
  it('takes the configuration when it is run, and is told then what it was told before', async () => {
    const engine = openXenDomain('web').openEngine(options());
    engine.begin(7e6);
    engine.stopAndCopy();
    expect(xen.calls).toEqual(['open web']);
    const outcome = await engine.run(() => {});
    engine.commit();
    expect(outcome.state).toBe('committed');
    const told = ['rate 7000000', 'begin', 'stop and copy', 'run', 'commit'];
    expect(xen.calls).toEqual(['open web', 'config 7', 'open migration', ...told]);
  });

  it('passes on what it was asked for', async () => {
    await openXenDomain('web')
      .openEngine(options({ engine: 'libxenguest', verifyStream: true }))
      .run(() => {});
    const [{ header, ...rest }] = xen.migrations as [(typeof xen.migrations)[number]];
    expect(rest).toEqual({
      domid: 7,
      targetBytes: 0,
      engine: 'libxenguest',
      saveProgram: '/addon/save',
      transport: ['lab-rsh', '-q', 'there', 'xl', 'migrate-receive'],
      verify: true,
      stopRule: 'converged',
      downtimeSeconds: 0,
      maxPauseSeconds: 0.3,
      bytesPerSecond: Number.POSITIVE_INFINITY,
      holdAtStart: true,
      holdAtSynchropoint: true,
      holdWhenPrepared: true,
      suspendTimeoutSeconds: 30,
      connectTimeoutSeconds: 30,
      stallTimeoutSeconds: 120,
    });
    expect(new TextDecoder().decode(header)).toContain('"name":"web"');
  });

  it('tells the receiver, and the engine, what its memory is held at', async () => {
    const web = openXenDomain('web');
    xen.guests = [xenInfo({ presentBytes: 101 * MiB, targetBytes: 99 * MiB })];
    const held = openXenDomain('web');
    expect(await held.holdMemory()).toEqual({ presentBytes: 101 * MiB, targetBytes: 99 * MiB });
    await held.openEngine(options()).run(() => {});
    await web.openEngine(options()).run(() => {});
    const [of, unheld] = xen.migrations as [(typeof xen.migrations)[number], (typeof xen.migrations)[number]];
    expect(of.targetBytes).toBe(99 * MiB);
    expect(new TextDecoder().decode(of.header)).toContain(`"target_memkb":${99 * 1024}`);
    expect(unheld.targetBytes).toBe(0);
    expect(new TextDecoder().decode(unheld.header)).not.toContain('target_memkb');
  });

  it('runs once', async () => {
    const engine = openXenDomain('web').openEngine(options());
    await engine.run(() => {});
    await expect(engine.run(() => {})).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_STATE', domain: 'web' });
  });
});
