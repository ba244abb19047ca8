import { assert, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../src/arbitrate/journal.ts';
import { step } from '../../../src/arbitrate/protocol.ts';
import type { FinishCommand } from '../../../src/arbitrate/protocol-messages.ts';
import { initialGroup } from '../../../src/arbitrate/protocol-state.ts';
import { endRecord, groupRecord, recover } from '../../../src/arbitrate/recovery.ts';

const group = groupRecord(initialGroup(['web', 'db']), { kind: 'xen', to: 'other-host', ssh: null });
const decided = (decision: 'STOP' | 'COMMIT' | 'ABORT', reason: string | null = null): JournalRecord => ({
  type: 'decision',
  decision,
  reason,
});

describe('recovery from a journal', () => {
  it('has nothing to do for one that is empty: no migration had been started', () => {
    expect(recover([])).toEqual({ kind: 'nothing' });
  });

  it.each([[[]], [[decided('STOP')]]])('aborts if COMMIT is not in it, and records that first (%#)', (decisions) => {
    const recovery = recover([group, ...decisions]);
    const reason = 'the arbitrator ended before COMMIT was recorded';
    expect(recovery).toMatchObject({
      kind: 'resume',
      decision: 'ABORT',
      stopped: decisions.length > 0,
      start: { state: { phase: 'recording-abort' } },
    });
    assert(recovery.kind === 'resume');
    expect(recovery.start.commands).toEqual([{ type: 'record', decision: 'ABORT', reason }]);
    expect(step(recovery.start.state, { type: 'recorded', decision: 'ABORT' }).commands).toEqual([
      { type: 'abort', domain: 'web' },
      { type: 'abort', domain: 'db' },
    ]);
  });

  it('finishes the commit if COMMIT is the last decision', () => {
    expect(recover([group, decided('STOP'), decided('COMMIT')])).toMatchObject({
      kind: 'resume',
      decision: 'COMMIT',
      start: {
        state: { phase: 'committing' },
        commands: [
          { type: 'commit', domain: 'web' },
          { type: 'commit', domain: 'db' },
        ],
      },
    });
  });

  it('goes on with an abort that was recorded, behind COMMIT too, and keeps its reason', () => {
    expect(recover([group, decided('STOP'), decided('COMMIT'), decided('ABORT', 'db: link lost')])).toMatchObject({
      kind: 'resume',
      decision: 'ABORT',
      start: {
        state: { phase: 'aborting', reason: 'db: link lost' },
        commands: [
          { type: 'abort', domain: 'web' },
          { type: 'abort', domain: 'db' },
        ],
      },
    });
  });

  it('has nothing to do for a group that has ended', () => {
    const records: JournalRecord[] = [group, decided('ABORT', 'Ctrl-C'), { type: 'end', outcome: 'aborted' }];
    expect(recover(records)).toEqual({ kind: 'ended', outcome: 'aborted' });
  });

  it('refuses records that are not those of one group', () => {
    const expected = expect.objectContaining({ code: 'ERR_VMBUDDIES_JOURNAL' });
    expect(() => recover([decided('COMMIT')])).toThrow(expected);
    expect(() => recover([group, decided('COMMIT'), group])).toThrow(expected);
  });
});

describe('the end record', () => {
  const finish = (where: 'destination' | 'unknown', sourceLeft: boolean): FinishCommand => ({
    type: 'finish',
    outcome: where === 'unknown' ? 'unknown' : 'committed',
    domains: [{ domain: 'web', where, sourceLeft, reason: null }],
    reason: null,
  });

  it('closes the journal of a group whose every domain is accounted for', () => {
    expect(endRecord(finish('destination', false))).toEqual({ type: 'end', outcome: 'committed' });
  });

  it('is not written while a domain is unknown or a source is left behind', () => {
    expect(endRecord(finish('unknown', false))).toBeNull();
    expect(endRecord(finish('destination', true))).toBeNull();
  });
});
