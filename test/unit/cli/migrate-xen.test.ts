import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { type GroupRun, migrateGroup, openDomain } from '../../../src/index.ts';
import { type Check, failed, noted, passed } from '../../../src/transfer/check.ts';
import { inspectRemoteHost } from '../../../src/transfer/remote-host.ts';
import { domainOutcome, failedOutcome, groupOutcome } from '../report/outcomes.ts';
import { FakeDomain, xenInfo } from './fake-domain.ts';
import { FakeHost } from './fake-host.ts';

vi.mock(import('../../../src/index.ts'), async (original) => ({
  ...(await original()),
  openDomain: vi.fn(),
  migrateGroup: vi.fn(),
}));
vi.mock(import('../../../src/transfer/remote-host.ts'), async (original) => ({
  ...(await original()),
  inspectRemoteHost: vi.fn(),
}));

const answers = passed('host b', 'answers, with Xen 4.17.7');
const noMemory = failed('memory', '264 MiB needed, 100 MiB of 2 GiB free on b', 'free another 164 MiB there');
const line = ['web', 'db', '--to', 'b'];
const travellers = [xenInfo('web'), xenInfo('db')];
let domains: Map<string, FakeDomain>;

function ending(outcome = groupOutcome()): void {
  vi.mocked(migrateGroup).mockReturnValue({
    result: Promise.resolve(outcome),
    progress: () => [],
    async *[Symbol.asyncIterator]() {},
    async [Symbol.asyncDispose]() {},
  } as unknown as GroupRun);
}

function there(...checks: Check[]): void {
  vi.mocked(inspectRemoteHost).mockResolvedValue(checks);
}

async function type(...words: string[]) {
  const host = new FakeHost();
  return { code: await run(words, host), out: host.stdout.lines, err: host.stderr.lines };
}

beforeEach(() => {
  vi.clearAllMocks();
  ending();
  there(answers);
  domains = new Map(['web', 'db'].map((name) => [name, new FakeDomain(name, 'xen')]));
  vi.mocked(openDomain).mockImplementation((reference: string) => domains.get(reference)!.asDomain());
});

describe('vmbuddies migrate, of Xen domains', () => {
  it('looks first whether anything stands in the way, then moves them to the host', async () => {
    const { code, err } = await type('migrate', ...line);
    expect(code).toBe(0);
    expect(err).toEqual(['preflight: nothing stands in the way', 'Every domain runs at b.']);
    expect(domains.get('web')!.calls).toEqual(['checkDestination b null']);
    expect(inspectRemoteHost).toHaveBeenCalledWith({ host: 'b' }, { travellers, together: true });
    expect(vi.mocked(migrateGroup).mock.calls[0]![1]).toEqual({
      to: 'b',
      linkBytesPerSecond: 50_000_000,
      strategy: 'turns',
      profileMs: 2000,
    });
  });

  it('moves nothing when a check fails, ends with 3, says last where the guests are, and prints one JSON object', async () => {
    domains.get('db')!.checks = [
      passed('suspend', 'the guest answers'),
      failed('log-dirty', 'EOPNOTSUPP', 'make it PVH'),
      noted('memory', 'populated on demand'),
    ];
    there(answers, noMemory);
    const { code, out, err } = await type('migrate', ...line, '--json');
    expect(code).toBe(3);
    expect(out.map((text) => JSON.parse(text))).toMatchObject([
      {
        schema: 1,
        outcome: 'aborted',
        where: 'source',
        error: { code: 'ERR_VMBUDDIES_REFUSED', message: '2 of 5 checks failed' },
        domains: [
          { name: 'web', where: 'source' },
          { name: 'db', where: 'source' },
        ],
        checks: [{ verdict: 'pass' }, { verdict: 'fail', fix: 'make it PVH' }, {}, answers, noMemory],
      },
    ]);
    expect(err).toEqual([
      'FAIL  db: log-dirty: EOPNOTSUPP',
      '      fix: make it PVH',
      'note  db: memory: populated on demand',
      'FAIL  memory: 264 MiB needed, 100 MiB of 2 GiB free on b',
      '      fix: free another 164 MiB there',
      'vmbuddies: 2 of 5 checks failed (--skip-preflight goes on all the same)',
      'web and db: here at the source, as before.',
    ]);
    expect(migrateGroup).not.toHaveBeenCalled();
  });

  it('goes on all the same with --skip-preflight, and hands on what it was told', async () => {
    there(noMemory);
    const more = ['--skip-preflight', '-s', "rsh -i 'a key'", '--engine', 'libxenguest', '--verify-stream'];
    expect((await type('migrate', ...line, ...more)).code).toBe(0);
    expect(inspectRemoteHost).not.toHaveBeenCalled();
    expect(domains.get('db')!.calls).toEqual(["checkDestination b rsh -i 'a key'"]);
    expect(vi.mocked(migrateGroup).mock.calls[0]![1]).toMatchObject({
      ssh: "rsh -i 'a key'",
      engine: 'libxenguest',
      verifyStream: true,
    });
  });

  it('moves nothing when it is interrupted while it looks', async () => {
    const host = new FakeHost();
    vi.mocked(inspectRemoteHost).mockImplementation(async () => {
      host.raise('SIGINT');
      return [answers];
    });
    expect(await run(['migrate', ...line, '--json'], host)).toBe(130);
    expect(migrateGroup).not.toHaveBeenCalled();
    expect(host.stdout.lines.map((text) => JSON.parse(text))).toMatchObject([
      { schema: 1, outcome: 'aborted', where: 'source', reason: 'interrupted by SIGINT', error: null },
    ]);
    expect(host.stderr.lines.at(-1)).toBe('web and db: here at the source, as before.');
  });

  it('needs no parallel restores for a strategy that moves one after another', async () => {
    await type('migrate', ...line, '--strategy', 'mo');
    expect(inspectRemoteHost).toHaveBeenCalledWith({ host: 'b' }, { travellers, together: false });
  });

  it('tells of what a suspension at the source has left behind', async () => {
    ending(
      failedOutcome({
        domains: [domainOutcome('web', { where: 'source' }), domainOutcome('db', { where: 'source', downtimeMs: 0 })],
      }),
    );
    const { code, err } = await type('migrate', ...line);
    expect(code).toBe(1);
    expect(err.slice(-2)).toEqual([
      'web was suspended for a moment: with Xen before 4.20, xl does not act upon its on_poweroff, on_reboot and on_crash ' +
        'any more until it is next started.',
      'web and db run on here at the source.',
    ]);
  });

  it('ends with 6 and points to recover where it is not known what became of a guest', async () => {
    ending(
      groupOutcome({
        outcome: 'unknown',
        where: 'unknown',
        reason: 'the transport was cut',
        domains: [domainOutcome('db', { where: 'unknown' })],
      }),
    );
    const { code, err } = await type('migrate', 'db', '--to', 'b', '--ssh', 'rsh');
    expect(code).toBe(6);
    expect(err.slice(-2)).toEqual([
      'vmbuddies: the transport was cut',
      'Where db runs is UNKNOWN. To find out, and to do what is safe: vmbuddies recover db',
    ]);
  });
});

describe('vmbuddies preflight', () => {
  it('shows every check, and the command that comes next', async () => {
    domains.get('web')!.checks = [passed('log-dirty', 'works')];
    expect(await type('preflight', ...line, '--ssh', 'rsh -p 1')).toEqual({
      code: 0,
      out: ['pass  web: log-dirty: works', 'pass  host b: answers, with Xen 4.17.7'],
      err: ["Nothing stands in the way: vmbuddies migrate web db --to b --ssh 'rsh -p 1'"],
    });
    expect(inspectRemoteHost).toHaveBeenCalledWith({ host: 'b', ssh: 'rsh -p 1' }, { travellers, together: true });
    expect(migrateGroup).not.toHaveBeenCalled();
  });

  it('ends with 3 when a check fails', async () => {
    there(answers, noMemory);
    const { code, out, err } = await type('preflight', ...line);
    expect({ code, err }).toEqual({ code: 3, err: ['1 of 2 checks failed.'] });
    expect(out.slice(-2)).toEqual([
      'FAIL  memory: 264 MiB needed, 100 MiB of 2 GiB free on b',
      '      fix: free another 164 MiB there',
    ]);
  });

  it('prints one JSON object', async () => {
    there(answers, noMemory);
    const { code, out, err } = await type('preflight', ...line, '--json');
    expect({ code, err }).toEqual({ code: 3, err: [] });
    expect(out.map((text) => JSON.parse(text))).toEqual([{ schema: 1, passed: false, checks: [answers, noMemory] }]);
  });

  it('is for domains of one kind', async () => {
    domains.set('db', new FakeDomain('db'));
    expect(await type('preflight', ...line)).toEqual({
      code: 2,
      out: [],
      err: ['vmbuddies: Xen and process domains cannot move together'],
    });
  });
});
