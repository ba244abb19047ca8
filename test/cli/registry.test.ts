import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from './spawn-cli.ts';

const small = 'start --memory 16MiB --used 8MiB --wws 4MiB';

describe('a registry that is none', () => {
  const kinds: [string, (path: string) => void, RegExp][] = [
    ['a file', (path) => writeFileSync(path, ''), /is not a folder/],
    ['a loop of links', (path) => symlinkSync(path, path), /ELOOP/],
    ['below a file', (path) => writeFileSync(path, ''), /is not a folder|ENOTDIR/],
    [
      'writable by all',
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      },
      /can be written by others/,
    ],
  ];
  const verbs = ['list', 'receive', 'start web', 'migrate web --to 127.0.0.1:1', 'recover', 'measure web'];

  it.each(kinds)('%s: is refused at once, in one sentence, by every verb and by doctor', async (kind, make, why) => {
    await using sandbox = new Sandbox();
    const path = join(sandbox.folder, 'registry');
    make(path);
    const registry = kind === 'below a file' ? join(path, 'deeper') : path;
    for (const verb of verbs) {
      const { code, stdout, stderr } = await sandbox.run(`${verb} --registry ${registry}`);
      expect({ verb, code, stdout }).toEqual({ verb, code: 2, stdout: '' });
      expect(stderr).toMatch(/^vmbuddies: [^\n]*registry[^\n]*\n$/);
      expect(stderr).toMatch(why);
    }
    const { code, stdout } = await sandbox.run(`doctor --json --registry ${registry}`);
    const check = JSON.parse(stdout).checks.find(({ subject }: { subject: string }) => subject === 'registry');
    expect({ code, verdict: check.verdict }).toEqual({ code: 69, verdict: 'fail' });
    expect(check.finding).toMatch(why);
  });

  it('with an empty name is refused too', async () => {
    await using sandbox = new Sandbox();
    const { code, stderr } = await sandbox.start(['receive', '--registry', '']).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'vmbuddies: a registry is a folder; its name is empty\n' });
  });
});

describe('the longest name', () => {
  it('can be started and moved, and ps shows no mark of the move afterwards', async () => {
    await using sandbox = new Sandbox();
    const name = 'n'.repeat(64);
    expect((await sandbox.run(`${small} ${name}`)).code).toBe(0);
    const { address } = await sandbox.receive();
    expect((await sandbox.run(`migrate ${name} --to ${address} --profile 100ms`)).code).toBe(0);
    const { stdout } = await sandbox.run(`list --json --registry ${sandbox.there}`);
    const [domain] = JSON.parse(stdout).domains;
    expect(domain).toMatchObject({ name, state: 'running' });
    const words = readFileSync(`/proc/${domain.pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    expect(words).toEqual(['vmbuddies-guest', name]);
  });

  it('is refused with one letter more, and so is a name that marks the leftover of a move', async () => {
    await using sandbox = new Sandbox();
    for (const name of ['n'.repeat(65), 'web--migratedaway', 'web--incoming']) {
      expect((await sandbox.run(`${small} ${name}`)).code).toBe(2);
    }
    expect(await sandbox.domains(sandbox.here)).toEqual([]);
  });
});
