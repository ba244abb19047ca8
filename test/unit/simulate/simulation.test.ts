import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/domains/engine.ts';
import { openDomain } from '../../../src/domains/open.ts';
import { type SimulatedFault, type SimulationOptions, simulateGroup } from '../../../src/simulate/simulation.ts';
import { strategies } from '../../../src/strategy/strategy.ts';
import { eventsOf, MiB, still, threeTiers, tier } from './scenarios.ts';

const run = (more: Partial<SimulationOptions> = {}) => simulateGroup({ ...threeTiers, ...more });
const idle = (name: string) => tier(name, 0, 0);
const wirePage = 4096 + 8 + 16 / 256;

describe('simulateGroup', () => {
  it('moves an idle domain in the time its pages take, and a millisecond each to stop and to start', async () => {
    const { outcome, events } = await run({
      domains: [idle('web')],
      linkBytesPerSecond: 16384 * wirePage,
      latencyMs: 0,
      strategy: 'ns',
    });
    expect(outcome).toMatchObject({ outcome: 'committed', where: 'destination' });
    expect(outcome.completionMs).toBeCloseTo(1002, 6);
    expect(outcome.downtimeMs).toBeCloseTo(2, 6);
    // Heads and tail of the stream take no time.
    expect(outcome.trafficBytes).toBe(16384 * wirePage + 48 + 32);
    expect(outcome.domains[0]!.stopReason).toBe('xen-legacy: Nothing is dirty after round 0.');
    expect(events.filter(({ event }) => event.type === 'state').map(({ atMs }) => Math.round(atMs))).toEqual([
      0, 1000, 1000, 1001, 1002,
    ]);
  });

  it('waits for every answer as long as the link takes', async () => {
    const domains = [idle('web')];
    const [near, far] = [await run({ domains, latencyMs: 0 }), await run({ domains, latencyMs: 50 })];
    // To connect, to hear that it is prepared, and to hear that it runs: three times there and back.
    expect(far.outcome.completionMs - near.outcome.completionMs).toBeCloseTo(300, 6);
    expect(far.outcome.downtimeMs - near.outcome.downtimeMs).toBeCloseTo(200, 6);
  });

  it('in turns connects everybody at once: a longer way costs a group of four no more than a single domain', async () => {
    const domains = ['web', 'app', 'db', 'cache'].map(idle);
    const group = { domains, strategy: 'turns', profileMs: 100 } as const;
    const [near, far] = [await run({ ...group, latencyMs: 0 }), await run({ ...group, latencyMs: 200 })];
    expect(far.outcome.completionMs - near.outcome.completionMs).toBeCloseTo(3 * 400, 0);
  });

  it('is slower by what gets lost on the way', async () => {
    const domains = [idle('web')];
    const lossless = await run({ domains });
    const { outcome } = await run({ domains, loss: 0.5 });
    expect(outcome.outcome).toBe('committed');
    expect(outcome.completionMs).toBeGreaterThan(2 * lossless.outcome.completionMs - 10);
    expect(outcome.trafficBytes).toBe(lossless.outcome.trafficBytes);
  });

  it.each(strategies.map(({ name }) => name))('moves three tiers with %s', async (strategy) => {
    const { outcome, events, runsAt } = await run({ strategy });
    expect(outcome).toMatchObject({ outcome: 'committed', reason: null, error: null, strategy });
    expect(runsAt).toEqual({ web: 'destination', app: 'destination', db: 'destination' });
    expect(events.at(-1)!.atMs).toBeCloseTo(outcome.completionMs + (needsProfile(strategy) ? 2000 : 0), 6);
  });

  it('is a function of its options', async () => {
    const noisy = { domains: threeTiers.domains.map((domain) => ({ ...domain, noise: 0.3 })), seed: 5 };
    const first = await run(noisy);
    expect(await run(noisy)).toEqual(first);
    expect(await run({ ...noisy, seed: 6 })).not.toEqual(first);
  });

  it('runs several at a time without their disturbing each other', async () => {
    const alone = await run();
    const together = await Promise.all([run(), run({ strategy: 'ns' }), run()]);
    expect(together[0]).toEqual(alone);
    expect(together[2]).toEqual(alone);
  });

  it('gives free memory back before the start, and has it again in the end', async () => {
    const workload = { ...still, usedBytes: 32 * MiB };
    const small = { name: 'web', memoryBytes: 64 * MiB, workload };
    const silent = { ...small, name: 'app', tellsUsedMemory: false };
    const simulation = await run({ domains: [small, silent] });
    expect(eventsOf(simulation, 'balloon')).toEqual([
      expect.objectContaining({ domain: 'web', fromBytes: 64 * MiB, toBytes: 33.6015625 * MiB }),
    ]);
    expect(eventsOf(simulation, 'balloon-skipped')).toEqual([expect.objectContaining({ domain: 'app' })]);
    expect(simulation.outcome.domains.map(({ pages }) => pages)).toEqual([8602, 16384]);
  });

  it('lets zeros travel without data', async () => {
    const workload = { ...still, usedBytes: 16 * MiB };
    const domains = [{ name: 'web', memoryBytes: 64 * MiB, workload, zeroBytes: 32 * MiB }];
    const simulation = await run({ domains, strategy: 'ns' });
    expect(eventsOf(simulation, 'round')[0]!.round).toMatchObject({ sentPages: 8192, zeroPages: 8192 });
  });

  it('starts the workloads as long before the group as it is told', async () => {
    const onOff = { ...tier('db', 16, 3000).workload, kind: 'on-off', lowLevel: 0, periodMs: 20_000 } as const;
    const domains = [{ name: 'db', memoryBytes: 64 * MiB, workload: onOff }];
    const dirtied = async (startAtMs: number) => {
      const [first] = eventsOf(await run({ domains, strategy: 'ns', startAtMs }), 'round');
      return first!.round.dirtiedPages;
    };
    expect(await dirtied(0)).toBeGreaterThan(1000);
    expect(await dirtied(12_000)).toBe(0);
  });

  it.each([
    ['downtime', { stopRule: 'downtime', maxDowntimeMs: 500 }],
    ['downtime', { stopRule: 'downtime' }],
    ['xen-modern', { stopRule: 'xen-modern' }],
    ['converged', { stopRule: 'converged' }],
  ] as const)('says beforehand what a domain costs that stops by %s, given %o', async (rule, stopping) => {
    const domains = [tier('db', 24, 7000)];
    const costs = async (more: Partial<SimulationOptions>) => {
      const [domain] = (await run({ domains, strategy: 'lll', ...more })).outcome.domains;
      return domain!;
    };
    const [own, other] = [await costs({}), await costs(stopping)];
    expect(own.stopReason).toMatch(/^xen-legacy: /);
    expect(other.stopReason).toMatch(new RegExp(`^${rule}: `));
    const offBy = (predicted: number, was: number) => Math.abs(Math.log(predicted / was));
    for (const { predicted, sentBytes, downtimeMs } of [own, other]) {
      expect(offBy(predicted!.trafficBytes.likely, sentBytes)).toBeLessThan(Math.log(1.02));
      // Of milliseconds a page or two more dirty make much.
      if (downtimeMs > 20) expect(offBy(predicted!.downtimeMs.likely, downtimeMs)).toBeLessThan(Math.log(1.05));
    }
  });

  it.each(['turns', 'mo', 'equal'] as const)('pauses a group of %s no longer for having a budget', async (strategy) => {
    const domains = [tier('db', 24, 7000)];
    const free = (await run({ domains, strategy })).outcome;
    const bounded = (await run({ domains, strategy, maxDowntimeMs: 2000 })).outcome;
    expect(free.outcome).toBe('committed');
    const { completionMs, trafficBytes, downtimeMs } = free;
    expect(bounded).toMatchObject({ outcome: 'committed', completionMs, trafficBytes, downtimeMs });
  });

  it('brings a group home whose budget is spent before it is prepared, and reports the pause that it had', async () => {
    // Each answer takes 0.8 s, which no prediction of the final copy knows of.
    const domains = [tier('db', 24, 700), tier('app', 24, 0)];
    const { outcome, runsAt } = await run({ domains, strategy: 'equal', latencyMs: 400, maxDowntimeMs: 300 });
    expect(outcome).toMatchObject({ outcome: 'aborted', where: 'source', refused: false });
    expect(outcome.reason).toBe('not prepared within the downtime budget of 300 ms: db, app');
    expect(runsAt).toEqual({ db: 'source', app: 'source' });
    expect(outcome.downtimeMs).toBeCloseTo(350, 6);
  });

  it('turns a group back whose pause would be too long', async () => {
    const { outcome, runsAt } = await run({ domains: [tier('db', 48, 40_000)], maxDowntimeMs: 10 });
    expect(outcome).toMatchObject({ outcome: 'aborted', refused: true, where: 'source' });
    expect(runsAt).toEqual({ db: 'source' });
  });

  it('lets split tiers talk over the link, and slower for it', async () => {
    const flows = [{ from: 'web', to: 'db', bytesPerSecond: 8 * MiB }];
    const alone = await run({ strategy: 'ns' });
    const { outcome, splitFlows } = await run({ strategy: 'ns', flows });
    const [flow] = splitFlows;
    expect(flow!.splitMs).toBeGreaterThan(0.9 * outcome.unsynchronisedMs);
    expect(flow!.carriedBytes).toBeCloseTo(flow!.wantedBytes, 0);
    expect(outcome.completionMs).toBeGreaterThan(1.1 * alone.outcome.completionMs);
    const together = await run({ flows });
    expect(together.splitFlows[0]!.splitMs).toBeLessThan(10);
  });
});

describe('what goes wrong in a simulation', () => {
  const states: MigrationState[] = ['precopy', 'waiting', 'stopping', 'prepared'];
  const faults = (state: MigrationState): SimulatedFault[] => [
    { type: 'link-cut', when: { domain: 'app', state } },
    { type: 'receiver-dies', when: { domain: 'app', state } },
    { type: 'copy-dies', domain: 'app', when: { domain: 'app', state } },
    { type: 'abort', when: { domain: 'app', state } },
  ];
  it.each(states.flatMap((state) => faults(state).map((fault) => [fault.type, state, fault] as const)))(
    '%s in state %s brings every guest home, or comes too late',
    async (type, _, fault) => {
      const { outcome, runsAt, events } = await run({ faults: [fault] });
      if (events.some(({ event }) => event.type === 'decision' && event.decision === 'COMMIT')) {
        // Of a domain that has been told to start and cannot be asked, nobody knows.
        expect(outcome.outcome).toBe(type === 'abort' ? 'committed' : 'unknown');
        return;
      }
      expect(outcome).toMatchObject({ outcome: type === 'abort' ? 'aborted' : 'failed', where: 'source' });
      expect(runsAt).toEqual({ web: 'source', app: 'source', db: 'source' });
      if (type !== 'abort') expect(outcome.error).toMatchObject({ code: 'ERR_VMBUDDIES_PEER', where: 'source' });
    },
  );

  it.each(['precopy', 'waiting', 'stopping'] as const)(
    'a guest that ends in state %s stops the group',
    async (state) => {
      const fault: SimulatedFault = { type: 'guest-dies', domain: 'app', when: { domain: 'app', state } };
      const { outcome, runsAt } = await run({ faults: [fault] });
      expect(outcome).toMatchObject({ outcome: 'failed', error: { code: 'ERR_VMBUDDIES_DOMAIN_GONE', domain: 'app' } });
      expect(runsAt).toEqual({ web: 'source', app: null, db: 'source' });
    },
  );

  it('a guest that ends once its copy is complete is not missed', async () => {
    const fault: SimulatedFault = { type: 'guest-dies', domain: 'app', when: { domain: 'app', state: 'prepared' } };
    const { outcome, runsAt } = await run({ faults: [fault] });
    expect(outcome.outcome).toBe('committed');
    expect(runsAt.app).toBe('destination');
  });

  it.each([0, 1000])('a link that is cut after %d ms, before anything moves, leaves all at home', async (atMs) => {
    const { outcome } = await run({ faults: [{ type: 'link-cut', atMs }] });
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source', trafficBytes: 0 });
  });

  it('a guest that does not stop brings the group home', async () => {
    const { outcome } = await run({ faults: [{ type: 'suspend-fails', domain: 'db' }] });
    expect(outcome).toMatchObject({ outcome: 'failed', where: 'source', error: { code: 'ERR_VMBUDDIES_SUSPEND' } });
  });

  it('a copy that cannot be started leaves that guest at its source', async () => {
    const { outcome, runsAt } = await run({ faults: [{ type: 'start-refused', domain: 'app' }] });
    expect(outcome).toMatchObject({ outcome: 'partial', where: 'mixed' });
    expect(runsAt).toEqual({ web: 'destination', app: 'source', db: 'destination' });
  });

  it('a lost confirmation leaves open where a guest is, and nobody resumes it', async () => {
    const { outcome, runsAt } = await run({ faults: [{ type: 'confirmation-lost', domain: 'app' }] });
    expect(outcome).toMatchObject({ outcome: 'unknown', where: 'unknown' });
    expect(outcome.domains.map(({ where }) => where)).toEqual(['destination', 'unknown', 'destination']);
    expect(runsAt.app).toBe('destination');
  });

  it.each(['group', 'STOP', 'COMMIT'] as const)('a journal that is full for %s keeps all at home', async (record) => {
    const { outcome } = await run({ faults: [{ type: 'journal-full', record }] });
    expect(outcome.where).toBe('source');
    expect(outcome.outcome).not.toBe('committed');
  });
});

describe('what cannot be simulated', () => {
  it.each([
    [{ linkBytesPerSecond: Number.POSITIVE_INFINITY }, 'linkBytesPerSecond'],
    [{ latencyMs: -1 }, 'latencyMs'],
    [{ loss: 1 }, 'loss'],
    [{ seed: 0.5 }, 'seed'],
    [{ domains: [] }, 'no domain'],
    [{ domains: [idle('web'), idle('web')] }, 'web is named twice'],
    [{ domains: [tier('web', 65, 1)] }, 'web: wwsBytes'],
    [{ domains: [{ ...idle('web'), memoryBytes: 4096 }] }, 'web: memoryBytes'],
    [{ domains: [{ ...idle('web'), noise: Number.NaN }] }, 'web: noise'],
    [{ domains: [{ ...idle('web'), workload: { ...still, kind: 'waves' as const } }] }, 'web: a workload that changes'],
    [{ domains: [tier('web', 0, 5)] }, 'web: a cold rate'],
    [{ flows: [{ from: 'web', to: 'mail', bytesPerSecond: 1 }] }, 'a flow names mail'],
    [{ faults: [{ type: 'guest-dies' as const, domain: 'mail', atMs: 0 }] }, 'a fault names mail'],
    [{ faults: [{ type: 'link-cut' as const, atMs: -1 }] }, 'atMs'],
  ])('%j', async (more, message) => {
    await expect(run(more as Partial<SimulationOptions>)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  it('a simulated domain cannot be opened by its reference', () => {
    expect(() => openDomain('sim:web')).toThrow('sim:web: a simulated domain exists only within its simulation');
  });
});

function needsProfile(name: string): boolean {
  return strategies.find((strategy) => strategy.name === name)!.measured;
}
