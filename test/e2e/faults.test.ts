import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Domain,
  type GroupOutcome,
  type GroupRun,
  listDomains,
  type MigrationState,
  migrateGroup,
} from '../../src/index.ts';
import { Sandbox } from '../cli/spawn-cli.ts';
import { Relay } from '../support/relay.ts';
import { busy, eventually, MiB, namesIn, type Sites, sites, stillWorks } from '../support/sites.ts';

const relays: Relay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay[Symbol.asyncDispose]();
});

async function threeTiers(site: Sites) {
  const tiers = [];
  for (const [index, name] of ['web', 'app', 'db'].entries()) tiers.push(await site.start(name, busy(index)));
  return tiers;
}

function move({ journalFolder }: Sites, tiers: Domain[], to: string): GroupRun {
  return migrateGroup(tiers, { to, linkBytesPerSecond: 40 * MiB, strategy: 'equal', journalFolder });
}

/** Does `harm` as soon as any domain of the run enters `state`. */
async function harmAt(run: GroupRun, state: MigrationState, harm: () => unknown): Promise<GroupOutcome> {
  for await (const event of run) {
    if (event.type === 'state' && event.state === state) {
      await harm();
      break;
    }
  }
  return await run.result;
}

async function expectAllHome(site: Sites, survivors: string[]): Promise<void> {
  await eventually(() => namesIn(site.there).length === 0, 'the destination has dropped its copies');
  expect(namesIn(site.here)).toEqual(survivors);
  for (const { state, corruptPages } of listDomains({ registry: site.here })) {
    expect([state, corruptPages]).toEqual(['running', 0]);
  }
}

const states = ['precopy', 'waiting', 'stopping', 'prepared'] as const;
/** A pause lasts milliseconds: on a busy machine its events may be heard when it is nearly over. */
const mayBeLate = (state: MigrationState) => state === 'stopping' || state === 'prepared';

describe('a failure before COMMIT brings every guest home', () => {
  it.each(states)('the link is cut as soon as one domain is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const relay = await Relay.open(site.receive().port);
    relays.push(relay);
    const run = move(site, tiers, relay.address);
    const outcome = await harmAt(run, state, () => relay.cut());
    // The last domain may have been prepared already when the cut comes; before COMMIT that changes nothing.
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) {
      expect(await stillWorks(tier)).toBe(true);
      expect(await tier.verify()).toMatchObject({ intact: true });
    }
  });

  it.each(states)('a guest is killed as soon as one domain is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const run = move(site, tiers, site.receive().address);
    const { pid } = tiers[1]!.info();
    const outcome = await harmAt(run, state, () => process.kill(pid, 'SIGKILL'));
    if (mayBeLate(state) && outcome.outcome === 'committed') {
      // Its copy was complete by then: losing the suspended source cost nothing.
      expect(namesIn(site.there)).toEqual(['app', 'db', 'web']);
      return;
    }
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    expect(outcome.error).toMatchObject({ domain: 'app' });
    await expectAllHome(site, ['db', 'web']);
    expect(await stillWorks(tiers[0]!)).toBe(true);
  });

  it.each(states)('a guest’s copy is killed at the destination as soon as one domain is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const run = move(site, tiers, site.receive().address);
    const outcome = await harmAt(run, state, async () => {
      await eventually(() => namesIn(site.there).includes('db--incoming'), 'the copy is there');
      process.kill(listDomains({ registry: site.there }).find(({ name }) => name === 'db--incoming')!.pid, 'SIGKILL');
    });
    // A copy that dies between its last check and the order to start cannot be told from one that started and died.
    if (mayBeLate(state) && outcome.where !== 'source') return;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
  });

  it.each(states)('the caller aborts as soon as one domain is %s', async (state) => {
    const site = sites();
    const tiers = await threeTiers(site);
    const run = move(site, tiers, site.receive().address);
    const outcome = await harmAt(run, state, () => run.abort('changed my mind'));
    if (state === 'prepared' && outcome.outcome === 'committed') return; // too late: COMMIT was recorded
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
    const outcome = await move(site, tiers, address).result;
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
    for (const tier of tiers) expect(await stillWorks(tier)).toBe(true);
    receiving.child.kill('SIGINT');
    await receiving.ended;
  });

  it('the decision cannot be recorded', async () => {
    const site = sites();
    const tiers = await threeTiers(site);
    const run = migrateGroup(tiers, {
      to: site.receive().address,
      linkBytesPerSecond: 40 * MiB,
      journalFolder: '/dev/null/no',
    });
    expect(await run.result).toMatchObject({ outcome: 'failed', where: 'source' });
    await expectAllHome(site, ['app', 'db', 'web']);
  });
});
