import { describe, expect, it } from 'vitest';
import { step } from '../../../src/arbitrate/protocol.ts';
import {
  aborting,
  at,
  committing,
  each,
  failed,
  notRecorded,
  pair,
  record,
  recorded,
  recordingCommit,
  stopping,
  tell,
} from './protocol-story.ts';

describe('before COMMIT is recorded', () => {
  const states = { precopy: pair, stopping, 'recording-commit': recordingCommit };

  it.each(Object.entries(states))(
    'a failure, a cancel and an aborted migration turn the group back (%s)',
    (_, state) => {
      expect(step(state, failed('db', 'source')).commands).toEqual([record('ABORT', 'db: link lost')]);
      expect(step(state, { type: 'cancel', reason: 'Ctrl-C' }).commands).toEqual([record('ABORT', 'Ctrl-C')]);
      expect(step(state, { type: 'aborted', domain: 'db' }).commands).toMatchObject([{ decision: 'ABORT' }]);
    },
  );

  it('the abort goes to all that may still be moving once it is recorded, and the end names the cause', () => {
    const turned = tell(stopping, failed('db', 'source'), recorded('ABORT'));
    expect(turned.commands).toEqual([{ type: 'abort', domain: 'web' }]);
    expect(step(turned.state, { type: 'aborted', domain: 'web' }).commands).toEqual([
      {
        type: 'finish',
        outcome: 'aborted',
        domains: [at('web', 'source'), at('db', 'source', 'link lost')],
        reason: 'db: link lost',
      },
    ]);
  });

  it('says so if a domain failed and nobody knows where it is, after telling it to abort', () => {
    const turned = tell(stopping, failed('db', 'unknown'), ...each('aborted', 'web'), recorded('ABORT'));
    expect(turned.commands).toEqual([
      { type: 'abort', domain: 'db' },
      {
        type: 'finish',
        outcome: 'unknown',
        domains: [at('web', 'source'), at('db', 'unknown', 'link lost')],
        reason: 'db: link lost',
      },
    ]);
  });

  it('gives up on those that do not answer the abort in time', () => {
    const { commands } = step(aborting, { type: 'deadline', barrier: 'aborted' });
    expect(commands).toMatchObject([{ outcome: 'unknown', domains: [at('web', 'unknown', 'no answer in time'), {}] }]);
  });

  it('a failure during the write of COMMIT brings the group home though that write succeeds', () => {
    const turned = tell(recordingCommit, failed('db', 'source'));
    expect(turned.commands).toEqual([record('ABORT', 'db: link lost')]);
    expect(step(turned.state, recorded('COMMIT'))).toEqual({ state: turned.state, commands: [] });
    expect(tell(turned.state, recorded('COMMIT'), recorded('ABORT')).commands).toEqual([
      { type: 'abort', domain: 'web' },
    ]);
  });
});

describe('a decision that could not be recorded', () => {
  const reason = 'COMMIT could not be recorded: disk full';

  it('aborts the group', () => {
    const recordingStop = tell(pair, ...each('waiting', 'web', 'db')).state;
    expect(step(recordingStop, notRecorded('STOP', 'maybe')).commands).toMatchObject([{ decision: 'ABORT' }]);
    expect(step(recordingCommit, notRecorded('COMMIT', 'maybe')).commands).toEqual([record('ABORT', reason)]);
  });

  it('is no obstacle if it is ABORT and COMMIT is certainly not there', () => {
    const { commands } = tell(recordingCommit, notRecorded('COMMIT', 'no'), notRecorded('ABORT', 'maybe'));
    expect(commands).toEqual([
      { type: 'abort', domain: 'web' },
      { type: 'abort', domain: 'db' },
    ]);
  });

  it('leaves the group to recovery if it is ABORT and COMMIT may be there: nobody is told anything', () => {
    const { commands } = tell(recordingCommit, notRecorded('COMMIT', 'maybe'), notRecorded('ABORT', 'no'));
    const why = 'ABORT could not be recorded: disk full';
    expect(commands).toEqual([
      { type: 'finish', outcome: 'unknown', domains: [at('web', 'unknown', why), at('db', 'unknown', why)], reason },
    ]);
  });
});

describe('after COMMIT', () => {
  it('nothing calls the group back', () => {
    for (const event of [
      { type: 'cancel', reason: 'Ctrl-C' },
      { type: 'deadline', barrier: 'prepared' },
    ] as const) {
      expect(step(committing, event)).toEqual({ state: committing, commands: [] });
    }
  });

  it('a domain whose destination refused stays at its source while the others move', () => {
    const { commands } = tell(
      committing,
      failed('db', 'source'),
      ...each('started', 'web'),
      ...each('sourceDestroyed', 'web'),
    );
    const domains = [at('web', 'destination'), at('db', 'source', 'link lost')];
    expect(commands).toEqual([{ type: 'finish', outcome: 'partial', domains, reason: null }]);
  });

  it('a domain whose confirmation is lost is unknown, and is told nothing', () => {
    const lost = step(committing, failed('db', 'unknown'));
    expect(lost.commands).toEqual([]);
    const { commands } = tell(lost.state, ...each('started', 'web'), ...each('sourceDestroyed', 'web'));
    const domains = [at('web', 'destination'), at('db', 'unknown', 'link lost')];
    expect(commands).toEqual([{ type: 'finish', outcome: 'unknown', domains, reason: null }]);
  });

  it('a late confirmation still counts while the group is not finished', () => {
    const { commands } = tell(committing, failed('db', 'unknown'), ...each('started', 'db'));
    expect(commands).toEqual([{ type: 'destroySource', domain: 'db' }]);
  });

  it('a deadline ends it: who has not confirmed is unknown, who has but is not cleaned up is said to be', () => {
    const { commands } = tell(committing, ...each('started', 'web'), { type: 'deadline', barrier: 'started' });
    const why = 'no answer in time';
    const domains = [{ ...at('web', 'destination', why), sourceLeft: true }, at('db', 'unknown', why)];
    expect(commands).toEqual([{ type: 'finish', outcome: 'unknown', domains, reason: null }]);
  });

  it('a source that cannot be destroyed is told of, and the group has moved all the same', () => {
    const { commands } = tell(
      committing,
      ...each('started', 'web', 'db'),
      { type: 'destroyFailed', domain: 'web', reason: 'busy' },
      ...each('sourceDestroyed', 'db'),
    );
    const domains = [{ ...at('web', 'destination', 'busy'), sourceLeft: true }, at('db', 'destination')];
    expect(commands).toEqual([{ type: 'finish', outcome: 'committed', domains, reason: null }]);
  });
});
