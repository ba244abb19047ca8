import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { VmbuddiesError } from '../../../src/index.ts';
import { sweep } from '../../../src/transfer/sweep.ts';
import { FakeHost } from './fake-host.ts';

vi.mock(import('../../../src/transfer/sweep.ts'));

beforeEach(() => {
  vi.clearAllMocks();
});

describe('vmbuddies sweep', () => {
  it('says of each name what became of it', async () => {
    vi.mocked(sweep).mockResolvedValue([
      { name: 'web', outcome: 'destroyed', reason: '' },
      { name: 'db', outcome: 'absent', reason: '' },
    ]);
    const host = new FakeHost();
    expect(await run(['sweep', 'xen:web', 'db', '--to', 'b', '--ssh', 'rsh'], host)).toBe(0);
    expect(sweep).toHaveBeenCalledWith({ host: 'b', ssh: 'rsh' }, ['web', 'db']);
    expect(host.stderr.lines).toEqual(['web--incoming on b is destroyed.', 'There is no db--incoming on b.']);
  });

  it('ends with 3 when it kept a copy', async () => {
    vi.mocked(sweep).mockResolvedValue([{ name: 'web', outcome: 'kept', reason: 'it is not paused' }]);
    const host = new FakeHost();
    expect(await run(['sweep', 'web', '--to', 'b'], host)).toBe(3);
    expect(host.stderr.lines).toEqual(['web--incoming on b is kept: it is not paused.']);
  });

  it('ends with 3 while a migration is arriving', async () => {
    vi.mocked(sweep).mockRejectedValue(new VmbuddiesError('ERR_VMBUDDIES_REFUSED', 'a migration is arriving on b'));
    expect(await run(['sweep', 'web', '--to', 'b'], new FakeHost())).toBe(3);
  });
});
