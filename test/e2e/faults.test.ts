import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Domain, listDomains, migrateGroup } from '../../src/index.ts';
import { GroupRun } from '../../src/migrate/group-run.ts';
import { hostSurroundings } from '../../src/migrate/surroundings.ts';
import { Sandbox } from '../cli/spawn-cli.ts';
import { GatedJournal } from '../support/gated-journal.ts';
import { busy, eventually, MiB, namesIn, type Sites, sites, stillWorks } from '../support/sites.ts';
import { StallingRelay } from '../support/stalling-relay.ts';

const relays: StallingRelay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay[Symbol.asyncDispose]();
});

async function threeTiers(site: Sites) {
  const tiers = [];
  for (const [index, name] of ['web', 'app', 'db'].entries()) tiers.push(await site.start(name, busy(index)));
  return tiers;
}

const states = ['precopy', 'waiting', 'stopping', 'prepared'] as const;

/** A group that stays in a state until it is let go, however slow this machine is. */
class Held {
  readonly relay: StallingRelay;
  readonly run: GroupRun;
  readonly letGo: () => void;

  private constructor(relay: StallingRelay, run: GroupRun, letGo: () => void) {
    this.relay = relay;
    this.run = run;
    this.letGo = letGo;
  }

  static async in(state: (typeof states)[number], site: Sites, tiers: Domain[]): Promise<Held> {
    // Stopped guests whose receiver has not said that it is prepared: as far as their source knows, they are stopping.
    const relay = await StallingRelay.open(site.receive().port, state === 'stopping' ? { withhold: 'prepared' } : {});
    relays.push(relay);
    const options = { to: relay.address, linkBytesPerSecond: 40 * MiB, strategy: 'equal' } as const;
    const decision = state === 'waiting' ? 'STOP' : state === 'prepared' ? 'COMMIT' : null;
    const journal = decision && new GatedJournal(site.journalFolder, decision);
    const run = new GroupRun(tiers, options, journal?.surroundings ?? hostSurroundings(site.journalFolder));
    if (journal) await journal.reached;
    else if (state === 'stopping') await eventually(() => relay.held === tiers.length, 'all are complete there');
    else await eventually(() => run.status().domains.every(({ sentBytes }) => sentBytes > 0), 'all are being sent');
    return new Held(relay, run, () => (journal ? journal.open() : relay.release()));
  }

  /** The arbitrator knows that it must bring the group home. */
  async turnsBack(): Promise<void> {
    await eventually(() => ['aborting', 'finished'].includes(this.run.status().phase), 'the group turns back');
  }
}

async function expectAllHome(site: Sites, survivors: string[]): Promise<void> {
  await eventually(() => namesIn(site.there).length === 0, 'the destination has dropped its copies');
  expect(namesIn(site.here)).toEqual(survivors);
  for (const { state, corruptPages } of listDomains({ registry: site.here })) {
    expect([state, corruptPages]).toEqual(['running', 0]);
  }
}

describe('a failure before COMMIT brings every guest home', () => {
  it.each(states)('the link is cut when the group is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const held = await Held.in(state, site, tiers);
    held.relay.cut();
    await held.turnsBack();
    held.letGo();
    const outcome = await held.run.result;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER', where: 'source' });
    // Suspended guests stood still, and that is said.
    const stoodStill = state === 'stopping' || state === 'prepared';
    for (const { guestGapMs, downtimeMs, sentBytes } of outcome.domains) {
      expect([guestGapMs !== null, downtimeMs > 0]).toEqual([stoodStill, stoodStill]);
      if (state !== 'precopy') expect(sentBytes).toBeGreaterThan(0);
    }
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) {
      expect(await stillWorks(tier)).toBe(true);
      expect(await tier.verify()).toMatchObject({ intact: true });
    }
  });

  it('the caller turns back while COMMIT is being written, and of the two decisions only ABORT is told', async () => {
    const site = sites();
    const held = await Held.in('prepared', site, await threeTiers(site));
    held.run.abort('enough');
    held.letGo();
    const outcome = await held.run.result;
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source', reason: 'enough' });
    const told: string[] = [];
    for await (const event of held.run) if (event.type === 'decision') told.push(event.decision);
    expect(told).toEqual(['STOP', 'ABORT']);
    await expectAllHome(site, ['app', 'db', 'web']);
  });

  it.each(['precopy', 'waiting'] as const)(
    'a guest is killed when the group is %s, and is said to have ended',
    async (state) => {
      const site = sites();
      const tiers = await threeTiers(site);
      const held = await Held.in(state, site, tiers);
      process.kill(tiers[1]!.info().pid, 'SIGKILL');
      if (state === 'waiting') held.letGo(); // it is missed when it is to be suspended
      const outcome = await held.run.result;
      expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
      expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_DOMAIN_GONE', domain: 'app' });
      expect(outcome.domains.map(({ where }) => where)).toEqual(['source', 'ended', 'source']);
      await expectAllHome(site, ['db', 'web']);
      expect(await stillWorks(tiers[0]!)).toBe(true);
    },
  );

  it.each(states)('a guest’s copy is killed at the destination when the group is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const held = await Held.in(state, site, tiers);
    await eventually(() => namesIn(site.there).includes('db--incoming'), 'the copy is there');
    process.kill(listDomains({ registry: site.there }).find(({ name }) => name === 'db--incoming')!.pid, 'SIGKILL');
    if (state === 'prepared') await held.turnsBack();
    if (state === 'stopping') await eventually(() => held.relay.failuresHeld >= 1, 'its death is noticed over there');
    held.letGo();
    expect(await held.run.result).toMatchObject({ outcome: 'failed', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
  });

  it.each(states)('the caller aborts when the group is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const held = await Held.in(state, site, tiers);
    held.run.abort('changed my mind');
    held.letGo();
    const outcome = await held.run.result;
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source', reason: 'changed my mind' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
  });

  it('the destination’s memory is full', async () => {
    const site = sites();
    const tiers = await threeTiers(site);
    await using sandbox = new Sandbox();
    const receiving = sandbox.start(['receive', '--registry', site.there]);
    const address = (await receiving.prints('stdout', /\S+:\d+/)).trim();
    const status = readFileSync(`/proc/${receiving.child.pid}/status`, 'utf8');
    const addressSpace = Number(/VmSize:\s+(\d+) kB/.exec(status)![1]) * 1024;
    // Room for one domain of 16 MiB, not for three.
    spawnSync('prlimit', ['--pid', String(receiving.child.pid), `--as=${addressSpace + 40 * MiB}`]);
    const outcome = await migrateGroup(tiers, {
      to: address,
      linkBytesPerSecond: 40 * MiB,
      strategy: 'equal',
      journalFolder: site.journalFolder,
    }).result;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
    receiving.child.kill('SIGINT');
    await receiving.ended;
  });

  it.each(['STOP', 'COMMIT'] as const)('%s cannot be recorded', async (decision) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const journal = new GatedJournal(site.journalFolder, decision);
    const options = { to: site.receive().address, linkBytesPerSecond: 40 * MiB } as const;
    const run = new GroupRun(tiers, options, journal.surroundings);
    await journal.reached;
    journal.refuse();
    const outcome = await run.result;
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source' });
    expect(outcome.reason).toBe(`${decision} could not be recorded: append: no space left on device`);
    expect(outcome.downtimeMs > 0).toBe(decision === 'COMMIT');
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
  });

  it('the journal cannot be opened', async () => {
    const site = sites();
    const tiers = await threeTiers(site);
    const to = site.receive().address;
    const run = migrateGroup(tiers, { to, linkBytesPerSecond: 40 * MiB, journalFolder: '/dev/null/no' });
    expect(await run.result).toMatchObject({ outcome: 'failed', where: 'source', trafficBytes: 0 });
    await expectAllHome(site, ['app', 'db', 'web']);
  });
});

describe('a guest that is lost when its copy is complete', () => {
  it.each(['stopping', 'prepared'] as const)(
    'costs nothing, the group being %s: the copy takes its place',
    async (state) => {
      const site = sites();
      const tiers = await threeTiers(site);
      const held = await Held.in(state, site, tiers);
      process.kill(tiers[1]!.info().pid, 'SIGKILL');
      held.letGo();
      expect(await held.run.result).toMatchObject({ outcome: 'committed', where: 'destination' });
      expect(namesIn(site.there)).toEqual(['app', 'db', 'web']);
    },
  );
});
