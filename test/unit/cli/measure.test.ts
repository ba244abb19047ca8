import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { type DirtyRateWindow, type DomainKind, measureDirtyRate, openDomain } from '../../../src/index.ts';
import { FakeDomain } from './fake-domain.ts';
import { FakeHost } from './fake-host.ts';

vi.mock(import('../../../src/index.ts'), async (original) => ({
  ...(await original()),
  openDomain: vi.fn(),
  measureDirtyRate: vi.fn(),
}));

const sample = (index: number, guestStallMs: number): DirtyRateWindow => ({
  index,
  startMs: index * 1000,
  windowMs: 1000,
  dirtyPages: 256,
  pagesPerSecond: 256,
  bytesPerSecond: 2 ** 20,
  probeMs: 0.5,
  guestStallMs,
});

async function summaryOf(kind: DomainKind): Promise<string | undefined> {
  vi.mocked(openDomain).mockImplementation((name: string) => new FakeDomain(name, kind).asDomain());
  const host = new FakeHost();
  expect(await run(['measure', 'db', '--for', '2s'], host)).toBe(0);
  return host.stdout.lines.at(-1);
}

describe('vmbuddies measure', () => {
  beforeEach(() => {
    vi.mocked(measureDirtyRate).mockImplementation(async function* () {
      yield sample(0, 0.25);
      yield sample(1, 2);
    });
  });

  const figures =
    'db: mean 256 pages/s (1 MiB/s), max 256 pages/s (1 MiB/s) in 2 windows; the probe took 0.5 ms a window';

  it('says of a process guest what it saw itself', async () => {
    expect(await summaryOf('process')).toBe(`${figures}; the guest's longest stall was 2 ms`);
  });

  it("says of a Xen guest no more than is known: the probe's own pauses", async () => {
    expect(await summaryOf('xen')).toBe(`${figures}; it paused the guest for at most 2 ms`);
  });
});
