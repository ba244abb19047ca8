import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { listDomains, type ProcessDomain, probeXen, startDomain } from '../../../src/index.ts';
import { FakeHost } from './fake-host.ts';

vi.mock(import('../../../src/index.ts'), async (original) => ({
  ...(await original()),
  listDomains: vi.fn(),
  startDomain: vi.fn(),
  probeXen: vi.fn(),
}));

const MiB = 2 ** 20;
const destroyed: string[] = [];

beforeEach(() => {
  vi.clearAllMocks();
  destroyed.length = 0;
  vi.mocked(listDomains).mockReturnValue([]);
  vi.mocked(probeXen).mockReturnValue({ usable: false, reason: 'no Xen here', version: '' });
  vi.mocked(startDomain).mockImplementation(async ({ name, memoryBytes, workload }) => {
    const info = { kind: 'process', name, memoryBytes, presentBytes: memoryBytes, state: 'running', workload };
    return {
      info: () => ({ ...info, writes: 0, longestStallMs: 0, corruptPages: 0 }),
      destroy: async () => void destroyed.push(name),
      close: async () => {},
    } as unknown as ProcessDomain;
  });
});

function started(): Parameters<typeof startDomain>[0][] {
  return vi.mocked(startDomain).mock.calls.map(([options]) => options);
}

describe('vmbuddies start', () => {
  it('has the defaults that its help states, and a seed for each domain', async () => {
    const host = new FakeHost();
    expect(await run(['start', 'web', 'db', '--registry', '/run/here'], host)).toBe(0);
    const workload = {
      kind: 'on-off',
      usedBytes: 0.6 * 256 * MiB,
      wwsBytes: 0.4 * 256 * MiB,
      hotBytes: 6.4 * MiB,
      hotWritesPerSecond: 2000,
      coldWritesPerSecond: 500,
      lowLevel: 0.5,
      periodMs: 4000,
      phase: 0,
    };
    const common = { memoryBytes: 256 * MiB, independent: true, registry: '/run/here' };
    expect(started()).toEqual([
      { name: 'web', workload: { ...workload, seed: 1 }, ...common },
      { name: 'db', workload: { ...workload, seed: 2 }, ...common },
    ]);
    expect(host.stderr.lines).toEqual(['Move them: vmbuddies migrate web db --to HOST:PORT --registry /run/here']);
  });

  it('takes every number with its unit', async () => {
    const options =
      '--workload waves --memory 1GiB --used 900MiB --wws 100MiB --hot 10MiB --hot-writes 20000/s --cold-writes 500/s ' +
      '--low 0.25 --period 2min --phase 0.5 --seed 7';
    expect(await run(['start', ...options.split(' '), 'db'], new FakeHost())).toBe(0);
    expect(started()[0]).toMatchObject({
      memoryBytes: 1024 * MiB,
      workload: {
        kind: 'waves',
        seed: 7,
        usedBytes: 900 * MiB,
        wwsBytes: 100 * MiB,
        hotBytes: 10 * MiB,
        hotWritesPerSecond: 20_000,
        coldWritesPerSecond: 500,
        lowLevel: 0.25,
        periodMs: 120_000,
        phase: 0.5,
      },
    });
  });

  it.each([
    { options: '--workload idle', expected: { wwsBytes: 0, hotWritesPerSecond: 0, coldWritesPerSecond: 0 } },
    { options: '--hot 0B', expected: { hotWritesPerSecond: 0, coldWritesPerSecond: 500 } },
    { options: '--wws 10MiB --hot 10MiB', expected: { hotWritesPerSecond: 2000, coldWritesPerSecond: 0 } },
    { options: '--wws 200MiB', expected: { usedBytes: 210 * MiB } },
    { options: '--wws 250MiB', expected: { usedBytes: 256 * MiB } },
  ])('makes defaults that fit what is given: $options', async ({ options, expected }) => {
    await run(['start', 'web', ...options.split(' ')], new FakeHost());
    expect(started()[0]?.workload).toMatchObject(expected);
  });

  it('hints at the process domain by its full name where a plain one means a Xen domain', async () => {
    vi.mocked(probeXen).mockReturnValue({ usable: true, reason: '', version: '4.17.7' });
    vi.mocked(listDomains).mockReturnValue([{ kind: 'xen', name: 'web' }] as ReturnType<typeof listDomains>);
    const host = new FakeHost();
    expect(await run(['start', 'web', 'db'], host)).toBe(0);
    expect(host.stderr.lines).toEqual(['Move them: vmbuddies migrate process:web process:db --to HOST:PORT']);
  });

  it('starts none when a name is taken', async () => {
    vi.mocked(listDomains).mockReturnValue([{ kind: 'process', name: 'db' }] as ReturnType<typeof listDomains>);
    const host = new FakeHost();
    expect(await run(['start', 'web', 'db'], host)).toBe(2);
    expect(host.stderr.text).toBe('vmbuddies: there is a domain db already; nothing was started\n');
    expect(started()).toEqual([]);
  });

  it('ends those it has started when a later one fails', async () => {
    const fine = vi.mocked(startDomain).getMockImplementation()!;
    vi.mocked(startDomain).mockImplementation((options) =>
      options.name === 'db' ? Promise.reject(new Error('no memory')) : fine(options),
    );
    const host = new FakeHost();
    expect(await run(['start', 'web', 'app', 'db'], host)).toBe(1);
    expect(destroyed).toEqual(['web', 'app']);
    expect(host.stderr.text).toBe('vmbuddies: no memory\n');
  });
});
