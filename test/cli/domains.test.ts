import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { program, Sandbox } from './spawn-cli.ts';

const small = '--memory 16MiB --wws 4MiB --used 8MiB';

describe('the program', () => {
  it('prints its help and its version without the native part', async () => {
    await using sandbox = new Sandbox();
    const env = { VMBUDDIES_ADDON: '/nowhere/vmbuddies.node' };
    expect(await sandbox.run('--help', env)).toMatchObject({ code: 0, stderr: '' });
    expect((await sandbox.run('--version', env)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with 69 and what to do where the native part is missing', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout, stderr } = await sandbox.run('list', { VMBUDDIES_ADDON: '/nowhere/vmbuddies.node' });
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
    expect(stderr).toMatch(/^vmbuddies: the native part of vmbuddies is not built: .*npm run build.*\n$/);
  });

  it('does not crash when nobody reads what it prints', () => {
    const line = `"${process.execPath}" "${program}" migrate --help | true; exit "\${PIPESTATUS[0]}"`;
    const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('vmbuddies start, list and destroy', () => {
  it('keep domains alive between commands, until they are destroyed', async () => {
    await using sandbox = new Sandbox();
    const started = await sandbox.run(`start ${small} web db`);
    expect(started.code).toBe(0);
    expect(started.stdout.split('\n').map((row) => row.split(' ')[0])).toEqual(['NAME', 'web', 'db', '']);
    expect(started.stderr).toBe('Move them: vmbuddies migrate web db --to HOST:PORT\n');
    const before = await sandbox.domains(sandbox.here);
    expect(before.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual(['db running', 'web running']);
    const after = await sandbox.domains(sandbox.here);
    expect(after[0]!.writes).toBeGreaterThan(before[0]!.writes);
    expect(await sandbox.run('destroy web db')).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'web is destroyed.\ndb is destroyed.\n',
    });
    const empty = await sandbox.run('list');
    expect(empty).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'No domains here. Start one: vmbuddies start NAME\n',
    });
  });

  it('start all or none', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`start ${small} web`);
    const again = await sandbox.run(`start ${small} app web`);
    expect(again).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: 'vmbuddies: there is a domain web already; nothing was started\n',
    });
    expect((await sandbox.domains(sandbox.here)).map(({ name }) => name)).toEqual(['web']);
  });

  it.each(['measure', 'wws', 'resume', 'destroy'])('%s of a domain that is not there ends with 2', async (verb) => {
    await using sandbox = new Sandbox();
    const { code, stderr } = await sandbox.run(`${verb} nobody`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^vmbuddies: .*nobody.*\n$/);
  });
});

describe.skipIf(existsSync('/proc/xen/capabilities'))('where there is no Xen', () => {
  it.each(['measure xen:web', 'preflight xen:web --to b', 'migrate xen:web --to b', 'destroy xen:web'])(
    '%s ends with 69 and what is missing',
    async (line) => {
      await using sandbox = new Sandbox();
      const { code, stdout, stderr } = await sandbox.run(line);
      expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
      expect(stderr).toMatch(/^vmbuddies: .*Xen.*\n$/);
    },
  );
});

describe('vmbuddies measure', () => {
  it('prints JSON lines, one per window', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`start ${small} --workload steady --cold-writes 2000/s --hot 0B web`);
    const { code, stdout, stderr } = await sandbox.run('measure web --window 200ms --for 1s --json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const windows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(windows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    for (const { dirtyPages } of windows) expect(dirtyPages).toBeGreaterThan(100);
  });

  it('prints a line per window and a summary, and stops early on SIGINT with what it has', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(`start ${small} web`);
    const measuring = sandbox.start('measure web --window 100ms --for 1min'.split(' '));
    await measuring.prints('stdout', /\n.*\n/);
    measuring.child.kill('SIGINT');
    const { code, stdout, stderr } = await measuring.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'Stopping; the domain runs on.\n' });
    expect(stdout.trim().split('\n').at(-1)).toMatch(
      /^web: mean \d+ pages\/s .* max \d+ pages\/s .* in \d+ windows; the probe/,
    );
    expect(await sandbox.domains(sandbox.here)).toHaveLength(1);
  });
});

describe('vmbuddies wws', () => {
  it('finds the working set it was started with', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run(
      'start --workload steady --memory 16MiB --used 8MiB --wws 2MiB --hot 0B --cold-writes 9000/s web',
    );
    const { code, stdout } = await sandbox.run('wws web --interval 500ms --for 20s --json');
    expect(code).toBe(0);
    const { schema, domain, settled, wwsPages, points } = JSON.parse(stdout);
    // Two pages of the guest's own books are written with every other: 4096 pages need no more.
    expect({ schema, domain, settled, wwsPages }).toEqual({ schema: 1, domain: 'web', settled: true, wwsPages: 514 });
    expect(points.at(-1).dirtyPages).toBe(514);
  });
});

describe('vmbuddies doctor', () => {
  it('passes on a machine where the tests run', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout } = await sandbox.run('doctor --json');
    expect(code).toBe(0);
    const { schema, usable, checks } = JSON.parse(stdout);
    expect({ schema, usable }).toEqual({ schema: 1, usable: true });
    expect(checks.map(({ subject }: { subject: string }) => subject)).toEqual(
      expect.arrayContaining(['Node.js', 'addon', 'guest program', 'registry', 'memory']),
    );
    expect((await sandbox.run('doctor')).stdout).toMatch(/^pass {2}Node\.js: /);
  });

  it('says where the guests of a killed migration are, and points to recover', async () => {
    await using sandbox = new Sandbox();
    await sandbox.run('start --memory 64MiB web db');
    const receiving = sandbox.start(['receive', '--registry', sandbox.there]);
    const address = (await receiving.prints('stdout', /\S+:\d+/)).trim();
    const migrating = sandbox.start(`migrate web db --to ${address} --link 8Mbit/s`.split(' '));
    await migrating.prints('stderr', /rates: web/);
    migrating.child.kill('SIGKILL');
    await migrating.ended;
    const { code, stdout } = await sandbox.run('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^note {2}group web, db: a migration was left before COMMIT. web runs here. db runs here.$/m,
    );
    expect(stdout).toContain(`fix: vmbuddies recover web db --registry ${sandbox.here}\n`);
    receiving.child.kill('SIGINT');
    await receiving.ended;
  });

  it('fails with 69 where the native part is missing, and says what to mend', async () => {
    await using sandbox = new Sandbox();
    const { code, stdout } = await sandbox.run('doctor', { VMBUDDIES_ADDON: '/nowhere/vmbuddies.node' });
    expect(code).toBe(69);
    expect(stdout).toMatch(/^FAIL {2}addon: .*npm run build/m);
  });
});
