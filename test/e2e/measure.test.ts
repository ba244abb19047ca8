import { describe, expect, it } from 'vitest';
import {
  fitGrowthCurve,
  measureDirtyRate,
  measureWorkingSet,
  type ProcessDomain,
  profileDomains,
} from '../../src/index.ts';
import { busy, MiB, sites } from '../support/sites.ts';

const pageBytes = 4096;

describe('measureDirtyRate', () => {
  it('never counts more pages than the guest says it has written', async () => {
    const { start } = sites();
    const web = await start('web', { ...busy(1), hotBytes: 0, hotWritesPerSecond: 0, coldWritesPerSecond: 1000 });
    let pages = 0;
    let windows = 0;
    const before = web.info().writes;
    for await (const window of measureDirtyRate(web, { windowMs: 200, durationMs: 1000 })) {
      pages += window.dirtyPages;
      expect(window.index).toBe(windows++);
      expect(window.probeMs).toBeGreaterThan(0);
      expect(window.pagesPerSecond).toBeCloseTo((window.dirtyPages / window.windowMs) * 1000, 6);
    }
    const writes = web.info().writes - before;
    // The ledger's page and the header's are written with every data page: three more, at the most, in every window.
    expect(pages).toBeLessThanOrEqual(writes + 3 * windows);
    // 200 of 1024 pages at random hit a page twice now and then; W(1 − e^(−200/1024))/200 is 91 %.
    expect(pages).toBeGreaterThan(writes * 0.75);
  });

  it('finds an idle guest clean', async () => {
    const { start } = sites();
    const idle = await start('idle');
    for await (const window of measureDirtyRate(idle, { windowMs: 100, durationMs: 300 })) {
      expect(window.dirtyPages).toBe(0);
    }
  });

  it('refuses a second owner of the log, and frees it when the loop is left', async () => {
    const { start } = sites();
    const web = await start('web', busy(1));
    for await (const _ of measureDirtyRate(web, { windowMs: 50 })) {
      await expect(measureDirtyRate(web).next()).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_DIRTY_LOG_BUSY' });
      break;
    }
    for await (const _ of measureDirtyRate(web, { windowMs: 50 })) break;
  });

  it('ends with the signal’s reason', async () => {
    const { start } = sites();
    const web = await start('web');
    const enough = new AbortController();
    setTimeout(() => enough.abort('enough'), 100);
    await expect(measureDirtyRate(web, { windowMs: 10_000, signal: enough.signal }).next()).rejects.toBe('enough');
    await expect(measureDirtyRate(web, { signal: AbortSignal.abort('no') }).next()).rejects.toBe('no');
  });
});

describe('a wait of weeks', () => {
  it.each([
    ['measureDirtyRate', { windowMs: 600 * 3600e3, durationMs: 601 * 3600e3 }],
    ['measureWorkingSet', { intervalMs: 600 * 3600e3, maxMs: 601 * 3600e3 }],
  ] as const)('is waited for by %s, longer than one timer holds', async (name, options) => {
    const { start } = sites();
    const web = await start('web');
    const signal = AbortSignal.timeout(200);
    const measure = { measureDirtyRate, measureWorkingSet }[name];
    await expect(measure(web, { ...options, signal }).next()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('a measurement', () => {
  it.each([0.5, 0, -1, Number.NaN, Infinity, 1e15])('refuses windows of %d ms', async (ms) => {
    const { start } = sites();
    const web = await start('web');
    const refusal = { code: 'ERR_VMBUDDIES_ARGUMENT', message: expect.stringMatching(/Ms must be from 1 on/) };
    await expect(measureDirtyRate(web, { windowMs: ms }).next()).rejects.toMatchObject(refusal);
    await expect(measureWorkingSet(web, { intervalMs: ms }).next()).rejects.toMatchObject(refusal);
  });
});

describe('times that nothing can be measured with', () => {
  it.each([0, 0.0001, -5, Number.NaN, Number.POSITIVE_INFINITY, 1e300])('are refused: %s', async (ms) => {
    const { start } = sites();
    const web = await start('web');
    const refusal = { code: 'ERR_VMBUDDIES_ARGUMENT' };
    await expect(measureDirtyRate(web, { windowMs: ms, durationMs: 100 }).next()).rejects.toMatchObject(refusal);
    await expect(measureWorkingSet(web, { intervalMs: ms, maxMs: 100 }).next()).rejects.toMatchObject(refusal);
    await expect(profileDomains([web], { durationMs: ms })).rejects.toMatchObject(refusal);
  });

  it('leave out the windows that were missed, so that a measurement ends when it should', async () => {
    const { start } = sites();
    const web = await start('web', busy(1));
    let last = 0;
    let windows = 0;
    for await (const window of measureDirtyRate(web, { windowMs: 1, durationMs: 200 })) {
      // Windows end on a grid of whole milliseconds, each later than the one before.
      expect(window.index).toBe(windows++);
      const slot = Math.floor(window.startMs + window.windowMs);
      expect(slot).toBeGreaterThanOrEqual(last);
      last = slot;
    }
    expect(windows).toBeLessThanOrEqual(200);
  });
});

describe('measureWorkingSet', () => {
  it('ends as soon as the fit foretells what is seen, long before the last page was written', async () => {
    // A log that grows exactly as its curve says, whatever else this machine is doing.
    let cleaned = 0;
    const log = {
      clean: async () => {
        cleaned = performance.now();
        return { pages: 0, probeMs: 0, guestStallMs: 0 };
      },
      peek: async () => {
        const seconds = (performance.now() - cleaned) / 1000;
        return { pages: 1e6 * -Math.expm1(-4 * seconds) + 1e4 * seconds, probeMs: 0, guestStallMs: 0 };
      },
      [Symbol.asyncDispose]: async () => {},
    };
    const domain = { reference: 'process:web', name: 'web', openDirtyLog: async () => log } as unknown as ProcessDomain;
    const points = [];
    for await (const peek of measureWorkingSet(domain, { intervalMs: 50, maxMs: 60_000 })) points.push(peek);
    expect(points.at(-1)).toMatchObject({ settled: true, settledBy: 'fit' });
    expect(fitGrowthCurve(points).wwsPages / 1e6).toBeCloseTo(1, 1);
  });

  it.each(['auto', 'compare'])('settles on exactly the pages the workload writes (%s)', async (tracker) => {
    const { start } = sites();
    const wwsBytes = 512 * pageBytes;
    const web = await start('web', { kind: 'steady', seed: 3, wwsBytes, hotBytes: 0, coldWritesPerSecond: 20_000 });
    const points = [];
    for await (const peek of measureWorkingSet(web, { intervalMs: 300, maxMs: 20_000, tracker })) points.push(peek);
    const last = points.at(-1)!;
    expect(last).toMatchObject({ settled: true, settledBy: 'equal' });
    // The working set, the pages of the ledger that keep its versions, and the header.
    expect(last.dirtyPages).toBeGreaterThanOrEqual(512 + 2);
    expect(last.dirtyPages).toBeLessThanOrEqual(512 + 3);
    const { wwsPages } = fitGrowthCurve(points);
    expect(wwsPages).toBeGreaterThan(0.9 * 512);
    expect(wwsPages).toBeLessThan(1.1 * 515);
  });

  it('gives up after the longest time, unsettled', async () => {
    const { start } = sites();
    const web = await start('web', { kind: 'steady', wwsBytes: 8 * MiB, hotBytes: 0, coldWritesPerSecond: 300 });
    const points = [];
    for await (const peek of measureWorkingSet(web, { intervalMs: 100, maxMs: 300 })) points.push(peek);
    expect(points.length).toBeLessThanOrEqual(4);
    expect(points.at(-1)!.settled).toBe(false);
  });
});
