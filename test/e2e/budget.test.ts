import { afterEach, describe, expect, it } from 'vitest';
import { type GroupOutcome, listDomains, type ProcessDomain } from '../../src/index.ts';
import type { GroupOptions } from '../../src/migrate/group-options.ts';
import { GroupRun } from '../../src/migrate/group-run.ts';
import { hostSurroundings } from '../../src/migrate/surroundings.ts';
import { Sandbox } from '../cli/spawn-cli.ts';
import { GatedJournal } from '../support/gated-journal.ts';
import { busy, eventually, MiB, namesIn, type Sites, sites, stillWorks } from '../support/sites.ts';
import { type RelayHabits, StallingRelay } from '../support/stalling-relay.ts';

const budgetMs = 300;
/** The receivers here stall for good. A guest that waited for one would stand still until a time-out of 30 s. */
const muchLongerMs = 5000;

const relays: StallingRelay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay[Symbol.asyncDispose]();
});

async function openRelay(port: number, habits?: RelayHabits): Promise<StallingRelay> {
  const relay = await StallingRelay.open(port, habits);
  relays.push(relay);
  return relay;
}

async function pair(site: Sites): Promise<ProcessDomain[]> {
  return [await site.start('web', busy(1)), await site.start('db', busy(2))];
}

function move(
  { journalFolder }: Sites,
  domains: ProcessDomain[],
  to: string,
  surroundings = hostSurroundings(journalFolder),
): GroupRun {
  const options: GroupOptions = { to, linkBytesPerSecond: 40 * MiB, strategy: 'equal', maxDowntimeMs: budgetMs };
  return new GroupRun(domains, options, surroundings);
}

async function expectBoundedPause(site: Sites, domains: ProcessDomain[], outcome: GroupOutcome): Promise<void> {
  expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source' });
  expect(outcome.reason).toContain('downtime budget of 300 ms');
  for (const domain of domains) {
    expect(await stillWorks(domain)).toBe(true);
    // As the guest itself has it.
    const { longestGapMs } = domain.info();
    expect(longestGapMs).toBeGreaterThan(0);
    expect(longestGapMs).toBeLessThan(muchLongerMs);
    const { downtimeMs, guestGapMs } = outcome.domains.find(({ name }) => name === domain.name)!;
    expect(guestGapMs).toBeCloseTo(longestGapMs, 3);
    expect(downtimeMs).toBeGreaterThan(0);
    expect(await domain.verify()).toMatchObject({ intact: true });
  }
  expect(outcome.downtimeMs).toBeGreaterThanOrEqual(budgetMs);
  expect(namesIn(site.here)).toEqual(domains.map(({ name }) => name).sort());
  await eventually(() => namesIn(site.there).length === 0, 'the destination has dropped its copies');
}

describe('a downtime budget ends the pause when the receiver', () => {
  it('says nothing, from its first answer on: nothing is suspended', async () => {
    const site = sites();
    const domains = await pair(site);
    const relay = await openRelay(site.receive().port, { withhold: 'accepted' });
    const run = move(site, domains, relay.address);
    await eventually(() => relay.held === 2, 'both are let in, and are not told so');
    run.abort('it does not answer');
    expect(await run.result).toMatchObject({ outcome: 'aborted', where: 'source', downtimeMs: 0, guestGapMs: null });
    for (const domain of domains) expect(domain.info().longestGapMs).toBe(0);
  });

  it('takes nothing more from before the final copies', async () => {
    const site = sites();
    const domains = await pair(site);
    const relay = await openRelay(site.receive().port);
    const journal = new GatedJournal(site.journalFolder, 'STOP');
    const run = move(site, domains, relay.address, journal.surroundings);
    await journal.reached;
    relay.stall();
    journal.open();
    const outcome = await run.result;
    relay.cut(); // the receiver, too, may know that it is over
    await expectBoundedPause(site, domains, outcome);
  });

  it('restores every guest, and does not say so', async () => {
    const site = sites();
    const domains = await pair(site);
    const relay = await openRelay(site.receive().port, { withhold: 'prepared' });
    await expectBoundedPause(site, domains, await move(site, domains, relay.address).result);
  });

  it('is stopped by a signal', async () => {
    const site = sites();
    const domains = await pair(site);
    await using sandbox = new Sandbox();
    const receiving = sandbox.start(['receive', '--registry', site.there]);
    const address = (await receiving.prints('stdout', /\S+:\d+/)).trim();
    const journal = new GatedJournal(site.journalFolder, 'STOP');
    const run = move(site, domains, address, journal.surroundings);
    await journal.reached;
    receiving.child.kill('SIGSTOP');
    journal.open();
    const outcome = await run.result;
    receiving.child.kill('SIGCONT');
    await expectBoundedPause(site, domains, outcome);
    receiving.child.kill('SIGINT');
    await receiving.ended;
  });
});

describe('a downtime budget holds although this process is held up', () => {
  /** Blocks everything that JavaScript does here until the guest runs again: looked up, without an event loop. */
  function blockUntilItRuns(domain: ProcessDomain): void {
    const until = Date.now() + 20_000;
    while (domain.info().longestGapMs === 0) {
      if (Date.now() > until) throw new Error(`${domain.name} has not run again`);
    }
  }

  it('when its guests are suspended', async () => {
    const site = sites();
    const domains = await pair(site);
    const relay = await openRelay(site.receive().port, { withhold: 'prepared' });
    const run = move(site, domains, relay.address);
    for await (const event of run) {
      if (event.type !== 'state' || event.state !== 'stopping') continue;
      for (const domain of domains) blockUntilItRuns(domain);
      break;
    }
    await expectBoundedPause(site, domains, await run.result);
  });

  it('when all are prepared: COMMIT is not recorded behind the back of a guest that runs again', async () => {
    const site = sites();
    const domains = [await site.start('web', busy(1))];
    const run = move(site, domains, site.receive().address);
    const decisions: string[] = [];
    for await (const event of run) {
      if (event.type === 'decision') decisions.push(event.decision);
      if (event.type === 'state' && event.state === 'prepared') blockUntilItRuns(domains[0]!);
    }
    expect(await run.result).toMatchObject({ outcome: 'aborted', where: 'source' });
    expect(decisions).toEqual(['STOP', 'ABORT']);
    expect(domains[0]!.info().longestGapMs).toBeLessThan(muchLongerMs);
    expect(listDomains({ registry: site.there })).toEqual([]);
  });
});

describe('vmbuddies migrate --max-downtime', () => {
  it('ends with 5 when the budget is spent, and reports the pause that there was', async () => {
    const site = sites();
    const [web] = await pair(site);
    const relay = await openRelay(site.receive().port, { withhold: 'prepared' });
    await using sandbox = new Sandbox();
    const line = `migrate web --to ${relay.address} --max-downtime 300ms --json --registry ${site.here}`;
    const { code, stdout, stderr } = await sandbox.run(line);
    expect(code).toBe(5);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ outcome: 'aborted', where: 'source' });
    expect(report.downtimeMs).toBeGreaterThanOrEqual(budgetMs);
    expect(report.domains[0].guestGapMs).toBeCloseTo(web!.info().longestGapMs, 3);
    expect(report.domains[0].guestGapMs).toBeLessThan(muchLongerMs);
    expect(stderr).toContain('downtime budget of 300 ms');
    expect(stderr).toContain('web runs on here at the source');
  });
});
