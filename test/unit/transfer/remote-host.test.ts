import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectRemoteHost } from '../../../src/transfer/remote-host.ts';
import { FakePrograms, localTransport } from './fake-programs.ts';
import { xlInfo, xlList } from './xl-says.ts';

const web = { name: 'web', type: 'pvh', memoryBytes: 2 ** 27, presentBytes: 2 ** 27, vcpus: 1 } as const;
const party = { travellers: [web, { ...web, name: 'db' }], together: true };
const there = { host: 'b', ssh: localTransport };

const says = (text: string) => `cat <<'END'\n${text}END`;
/** An xl that answers `info` and `list`, on both hosts alike. */
const xl = (info: string, list = xlList()) => `case $1 in\ninfo) ${says(info)}\n;;\nlist) ${says(list)}\n;;\nesac`;
/** In place of ssh: `script` is run instead of what was asked for. */
const answering = (script: string) => ({ host: 'b', ssh: `sh -c '${script}' transport` });

async function only(check: Promise<readonly unknown[]>) {
  const checks = await check;
  expect(checks).toHaveLength(1);
  return checks[0];
}

describe('inspectRemoteHost', () => {
  it('asks both hosts and judges the other', async () => {
    using _ = new FakePrograms({ xl: xl(xlInfo(), xlList(['web', 3, '-b----', 1])) });
    const checks = await inspectRemoteHost(there, party);
    expect(checks[0]).toEqual({ subject: 'host b', verdict: 'pass', finding: 'answers, with Xen 4.17.7', fix: null });
    expect(checks.map(({ subject, verdict }) => `${subject}: ${verdict}`)).toEqual([
      'host b: pass',
      'Xen version: pass',
      'guest types: pass',
      'processors: pass',
      'name web: fail',
      'name db: pass',
      'parallel restores: pass',
      'memory: pass',
    ]);
  });

  it('takes the three answers apart that come in one', async () => {
    using programs = new FakePrograms({ xl: xl(xlInfo()) });
    const file = join(programs.folder, 'answer');
    writeFileSync(file, [xlInfo(), xlList(['web--incoming', 3, '--p---', 0]), 'autoballoon="on"\n'].join('---\n'));
    const checks = await inspectRemoteHost(answering(`cat ${file}`), party);
    expect(checks.filter(({ verdict }) => verdict !== 'pass').map(({ subject }) => subject)).toEqual([
      'name web',
      'parallel restores',
    ]);
  });

  it('says when there is no xl here', async () => {
    expect(await only(inspectRemoteHost(there, party))).toEqual({
      subject: 'xl',
      verdict: 'fail',
      finding: 'there is no program "xl" here',
      fix: 'install xen-utils',
    });
  });

  it('says when xl does not work here', async () => {
    using _ = new FakePrograms({ xl: 'echo "cannot init xl context" >&2; exit 1' });
    expect(await only(inspectRemoteHost(there, party))).toEqual({
      subject: 'xl',
      verdict: 'fail',
      finding: 'xl does not work here: cannot init xl context',
      fix: 'boot Xen, and be root',
    });
  });

  it.each([
    {
      what: 'does not answer',
      remote: answering('echo "ssh: connect to host b port 22: No route to host" >&2; exit 255'),
      finding: 'b cannot be reached: ssh: connect to host b port 22: No route to host',
    },
    {
      what: 'has no xl',
      remote: answering('exit 127'),
      finding: 'there is no xl on b',
      fix: 'install xen-utils there',
    },
    {
      what: 'lets nobody but root',
      remote: answering('echo "cannot init xl context" >&2; exit 1'),
      finding: 'xl does not work on b: cannot init xl context',
      fix: 'boot it into Xen, and log in there as root',
    },
    {
      what: 'greets before it answers',
      remote: answering('echo Welcome; shift; exec sh -c "$*"'),
      finding: 'b prints "Welcome" before what it was asked for',
      fix: 'let the shell there print nothing at a login that is not interactive',
    },
  ])('says when the other host $what', async ({ remote, finding, fix }) => {
    using _ = new FakePrograms({ xl: xl(xlInfo()) });
    expect(await only(inspectRemoteHost(remote, party))).toEqual({
      subject: 'host b',
      verdict: 'fail',
      finding,
      fix: fix ?? `make "${remote.ssh} b xl info" work without a question`,
    });
  });
});
