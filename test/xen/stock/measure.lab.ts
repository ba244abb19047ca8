import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endGuests, startedGuest } from '../support/guest.ts';
import { inDom0, install, vmbuddies } from '../support/hosts.ts';

interface Window {
  readonly pagesPerSecond: number;
  readonly probeMs: number;
  readonly guestStallMs: number;
}
interface WorkingSet {
  readonly wwsPages: number;
  readonly settled: boolean;
}

const name = 'measured';
const wssPages = (16 * 2 ** 20) / 4096;

async function measured(seconds: number): Promise<Window[]> {
  const { stdout, stderr, code } = await vmbuddies(1, 'measure', name, '--for', `${seconds}s`, '--json');
  expect(code, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Window);
}

async function workingSet(): Promise<WorkingSet> {
  const { stdout, stderr, code } = await vmbuddies(1, 'wws', name, '--for', '60s', '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as WorkingSet;
}

async function setRate(pagesPerSecond: number): Promise<void> {
  await inDom0(
    1,
    `xenstore-write /local/domain/$(xl domid ${name})/data/vmb/set/pages_per_second ${pagesPerSecond}; sleep 4`,
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("what Xen's dirty log says of a guest, against what the guest itself says", () => {
  let idlePagesPerSecond = 0;
  let idlePages = 0;

  beforeAll(async () => {
    await startedGuest(name, { memoryMiB: 128, wssMiB: 16, pagesPerSecond: 1000 });
    await setRate(0);
    idlePagesPerSecond = mean((await measured(10)).map((window) => window.pagesPerSecond));
    idlePages = (await workingSet()).wwsPages;
    await setRate(1000);
    console.log(
      `the idle guest dirties ${idlePagesPerSecond.toFixed(0)} pages/s; its idle working set is ${idlePages} pages`,
    );
  });
  afterAll(() => endGuests(name));

  it("reports the rate within 5 % of the guest's own count, the kernel's idle writes aside", async () => {
    const count = await install(1, 'count.mjs');
    const own = async () => JSON.parse(await inDom0(1, `node ${count} ${name}`)) as { count: number; seconds: number };
    const begin = await own();
    const windows = await measured(30);
    const end = await own();
    const ownRate = (end.count - begin.count) / (end.seconds - begin.seconds);
    const rate = mean(windows.map((window) => window.pagesPerSecond));
    const probes = windows.map(({ probeMs }) => probeMs).sort((a, b) => a - b);
    console.log(
      `measured ${rate.toFixed(0)} pages/s, the guest's own count ${ownRate.toFixed(0)} pages/s, idle ` +
        `${idlePagesPerSecond.toFixed(0)} pages/s; a probe pauses the guest for at most ` +
        `${probes[probes.length >> 1]!.toFixed(2)} ms (median), ${probes.at(-1)!.toFixed(2)} ms (worst)`,
    );
    expect(Math.abs(rate - idlePagesPerSecond - ownRate) / ownRate).toBeLessThanOrEqual(0.05);
  });

  it("finds the working set within 5 %, plus the guest kernel's own", async () => {
    const { wwsPages } = await workingSet();
    console.log(
      `measured ${wwsPages} pages, the guest's writer works on ${wssPages}, its kernel idles on ${idlePages}`,
    );
    expect(wwsPages).toBeGreaterThanOrEqual(wssPages * 0.95);
    expect(wwsPages).toBeLessThanOrEqual(wssPages * 1.05 + idlePages);
  });
});
