import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../src/transfer/sweep.ts';
import { FakePrograms, localTransport } from './fake-programs.ts';
import { xlList } from './xl-says.ts';

const there = { host: 'b', ssh: localTransport };

/** The other host; what its xl is told to destroy is written down. */
class Host extends FakePrograms {
  constructor(list: string, { pgrep = 'exit 1', destroy = 'echo $2 >>"$(dirname "$0")/destroyed"' } = {}) {
    super({ xl: `case $1 in\nlist) cat <<'END'\n${list}END\n;;\ndestroy) ${destroy};;\nesac`, pgrep });
  }

  get destroyed(): string[] {
    const file = join(this.folder, 'destroyed');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}

describe('sweep', () => {
  it('destroys a paused copy that has never run, by its number, and says of each name what became of it', async () => {
    using host = new Host(
      xlList(['web--incoming', 7, '--p---', 0], ['web', 3, '-b----', 9], ['other--incoming', 8, '--p---', 0]),
    );
    expect(await sweep(there, ['web', 'db'])).toEqual([
      { name: 'web', outcome: 'destroyed', reason: '' },
      { name: 'db', outcome: 'absent', reason: '' },
    ]);
    expect(host.destroyed).toEqual(['7']);
  });

  it('keeps what runs, and what has run', async () => {
    using host = new Host(xlList(['web--incoming', 7, '-b----', 0], ['db--incoming', 8, '--p---', 0.1]));
    expect(await sweep(there, ['web', 'db'])).toEqual([
      { name: 'web', outcome: 'kept', reason: 'it is not paused' },
      { name: 'db', outcome: 'kept', reason: 'it has run before' },
    ]);
    expect(host.destroyed).toEqual([]);
  });

  it('destroys nothing while a migration is arriving, since its copy looks the same', async () => {
    const receiver = spawn('sleep', ['60'], { stdio: ['pipe', 'ignore', 'ignore'] });
    using host = new Host(xlList(['web--incoming', 7, '--p---', 0]), { pgrep: `echo ${receiver.pid}` });
    try {
      await expect(sweep(there, ['web'])).rejects.toMatchObject({
        code: 'ERR_VMBUDDIES_REFUSED',
        message: expect.stringMatching(
          new RegExp(`^a migration is arriving on b, .* end it with ".* b kill ${receiver.pid}"$`),
        ),
      });
      expect(host.destroyed).toEqual([]);
    } finally {
      receiver.kill();
    }
  });

  it('is not held up by the process that xl leaves to watch over a domain that has arrived', async () => {
    const watcher = spawn('sleep', ['60'], { stdio: 'ignore' });
    using host = new Host(xlList(['web--incoming', 7, '--p---', 0]), { pgrep: `echo ${watcher.pid}` });
    try {
      expect(await sweep(there, ['web'])).toEqual([{ name: 'web', outcome: 'destroyed', reason: '' }]);
      expect(host.destroyed).toEqual(['7']);
    } finally {
      watcher.kill();
    }
  });

  it('destroys nothing where it cannot tell whether one is arriving', async () => {
    using host = new Host(xlList(['web--incoming', 7, '--p---', 0]), { pgrep: 'echo "bad regex" >&2; exit 2' });
    await expect(sweep(there, ['web'])).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_PEER',
      message: 'pgrep on b: bad regex',
    });
    expect(host.destroyed).toEqual([]);
  });

  it("says in xl's words why a copy could not be destroyed", async () => {
    using _ = new Host(xlList(['web--incoming', 7, '--p---', 0]), {
      destroy: 'echo "destroy failed (rc=-3)" >&2; exit 1',
    });
    await expect(sweep(there, ['web'])).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_PEER',
      message: 'xl destroy 7 on b: destroy failed (rc=-3)',
    });
  });
});
