import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { type GroupOutcome, type GroupRun, migrateGroup, openDomain, VmbuddiesError } from '../../../src/index.ts';
import { groupReport } from '../../../src/report/json.ts';
import { failedOutcome, groupOutcome } from '../report/outcomes.ts';
import { FakeDomain } from './fake-domain.ts';
import { FakeHost } from './fake-host.ts';

vi.mock(import('../../../src/index.ts'), async (original) => ({
  ...(await original()),
  openDomain: vi.fn(),
  migrateGroup: vi.fn(),
}));

const abort = vi.fn();
const line = ['migrate', 'web', 'app', 'db', '--to', '127.0.0.1:7070'];
let domains: FakeDomain[];

/** Makes migrateGroup end in `outcome`, after doing `meanwhile`. */
function ending(outcome: GroupOutcome, meanwhile: () => void = () => {}): void {
  vi.mocked(migrateGroup).mockImplementation(
    () =>
      ({
        result: Promise.resolve(outcome),
        progress: () => [],
        abort,
        async *[Symbol.asyncIterator]() {
          meanwhile();
          yield { type: 'decision', decision: 'COMMIT', reason: '' };
        },
        async [Symbol.asyncDispose]() {},
      }) as unknown as GroupRun,
  );
}

beforeEach(() => {
  vi.clearAllMocks();
  domains = [];
  vi.mocked(openDomain).mockImplementation((name: string) => {
    const domain = new FakeDomain(name);
    domains.push(domain);
    return domain.asDomain();
  });
});

describe('vmbuddies migrate', () => {
  it('moves the named domains together, with the defaults that its help states', async () => {
    ending(groupOutcome());
    const host = new FakeHost();
    expect(await run(line, host)).toBe(0);
    expect(openDomain).toHaveBeenCalledWith('app', {});
    const [given, options] = vi.mocked(migrateGroup).mock.calls[0]!;
    expect(given.map(({ name }) => name)).toEqual(['web', 'app', 'db']);
    expect(options).toEqual({
      to: '127.0.0.1:7070',
      linkBytesPerSecond: 50_000_000,
      strategy: 'turns',
      profileMs: 2000,
    });
    expect(domains.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  it('hands on what it was told', async () => {
    ending(groupOutcome());
    const more = '--link 1Gbit/s --strategy lll --profile 10s --max-downtime 300ms --suspend-timeout 2s';
    await run([...line, ...more.split(' '), '--registry', '/run/here'], new FakeHost());
    expect(openDomain).toHaveBeenCalledWith('web', { registry: '/run/here' });
    expect(vi.mocked(migrateGroup).mock.calls[0]![1]).toEqual({
      to: '127.0.0.1:7070',
      linkBytesPerSecond: 125_000_000,
      strategy: 'lll',
      profileMs: 10_000,
      maxDowntimeMs: 300,
      suspendTimeoutMs: 2000,
    });
  });

  it('keeps stdout for the result: one JSON object, or a table', async () => {
    ending(groupOutcome());
    const json = new FakeHost();
    await run([...line, '--json'], json);
    expect(JSON.parse(json.stdout.text)).toEqual(groupReport(groupOutcome()));
    const table = new FakeHost();
    await run(line, table);
    expect(table.stdout.lines.map((row) => row.split(' ')[0])).toEqual(['DOMAIN', 'web', 'app', 'db', 'oba+mo:']);
    expect(table.stdout.lines.at(-1)).toBe(
      'oba+mo: committed in 8.2 s, traffic 401 MiB, downtime 14 ms (by the guests 13 ms), unsynchronised 3 ms',
    );
    expect(table.stderr.lines).toEqual(['decision: COMMIT', 'Every domain runs at 127.0.0.1:7070.']);
  });

  it('ends a failure with why, and last of all where every guest is', async () => {
    ending(failedOutcome());
    const host = new FakeHost();
    expect(await run(line, host)).toBe(1);
    expect(host.stderr.lines.slice(-2)).toEqual([
      'vmbuddies: web: the connection to 127.0.0.1:7070 broke',
      'web, app and db run on here at the source.',
    ]);
  });

  it('aborts on SIGINT, says so, and ends with 130 when the guests are at the source', async () => {
    const host = new FakeHost();
    ending(failedOutcome({ outcome: 'aborted', error: null, reason: 'interrupted by SIGINT' }), () =>
      host.raise('SIGINT'),
    );
    expect(await run(line, host)).toBe(130);
    expect(abort).toHaveBeenCalledWith('interrupted by SIGINT');
    expect(host.stderr.text).toContain('Giving up: every domain stays at the source');
    expect(host.stderr.lines.at(-1)).toBe('web, app and db run on here at the source.');
  });

  it('ends with 0 when the interrupt came too late to matter', async () => {
    const host = new FakeHost();
    ending(groupOutcome(), () => host.raise('SIGINT'));
    expect(await run(line, host)).toBe(0);
  });

  it('asks each domain whether it can go there, before anything is tried', async () => {
    vi.mocked(openDomain).mockImplementation((name: string) => {
      const domain = new FakeDomain(name);
      domain.checkDestination = (to) => {
        throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `"${to}" is not HOST:PORT`);
      };
      return domain.asDomain();
    });
    const host = new FakeHost();
    expect(await run(['migrate', 'web', '--to', 'nowhere'], host)).toBe(2);
    expect(host.stderr.lines).toEqual(['vmbuddies: "nowhere" is not HOST:PORT']);
    expect(migrateGroup).not.toHaveBeenCalled();
  });

  it.each(['--ssh rsh', '--engine auto', '--verify-stream', '--skip-preflight'])(
    'refuses %s for process domains, for which it means nothing',
    async (option) => {
      const host = new FakeHost();
      expect(await run([...line, ...option.split(' ')], host)).toBe(2);
      expect(host.stderr.lines).toEqual([`vmbuddies: ${option.split(' ')[0]} has no meaning for process domains`]);
      expect(migrateGroup).not.toHaveBeenCalled();
    },
  );
});
