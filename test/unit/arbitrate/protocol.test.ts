import { describe, expect, it } from 'vitest';
import { step } from '../../../src/arbitrate/protocol.ts';
import { initialGroup } from '../../../src/arbitrate/protocol-state.ts';
import {
  aborting,
  at,
  committing,
  each,
  pair,
  record,
  recorded,
  recordingCommit,
  stopping,
  tell,
} from './protocol-story.ts';

describe('a group', () => {
  it('is refused without a domain, with a name twice, or with a pause budget that nothing can meet', () => {
    expect(() => initialGroup([])).toThrow('a group needs at least one domain');
    expect(() => initialGroup(['web', 'db', 'web'])).toThrow('domain web is in the group twice');
    expect(() => initialGroup(['web'], { pauseBudgetMs: 0 })).toThrow('pauseBudgetMs must be above 0, not 0');
    expect(() => initialGroup(['web'], { pauseBudgetMs: Number.NaN })).toThrow('not NaN');
  });

  it('is plain JSON in every phase', () => {
    for (const state of [pair, stopping, recordingCommit, committing, aborting]) {
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }
  });
});

describe('the first barrier', () => {
  it('records STOP when the last domain waits, and stops nobody before that is on storage', () => {
    expect(tell(pair, ...each('waiting', 'web')).commands).toEqual([]);
    const all = tell(pair, ...each('waiting', 'web', 'db'));
    expect(all.commands).toEqual([record('STOP')]);
    expect(step(all.state, recorded('STOP')).commands).toEqual([
      { type: 'stopAndCopy', domain: 'web' },
      { type: 'stopAndCopy', domain: 'db' },
    ]);
  });

  it('lets a pause of exactly its budget pass', () => {
    const predicting = tell(initialGroup(['web'], { pauseBudgetMs: 500 }), ...each('waiting', 'web'));
    expect(predicting.commands).toEqual([{ type: 'predictPause' }]);
    expect(step(predicting.state, { type: 'pausePredicted', pauseMs: 500 }).commands).toEqual([record('STOP')]);
  });

  it('aborts for a predicted pause over its budget, or one that is not a number', () => {
    const { state } = tell(initialGroup(['web'], { pauseBudgetMs: 500 }), ...each('waiting', 'web'));
    expect(step(state, { type: 'pausePredicted', pauseMs: 501 }).commands).toEqual([
      record('ABORT', 'the predicted pause of 501 ms is over the budget of 500 ms'),
    ]);
    expect(step(state, { type: 'pausePredicted', pauseMs: Number.NaN }).commands).toMatchObject([
      { decision: 'ABORT' },
    ]);
  });

  it('says who was late when its deadline has passed', () => {
    const late = tell(pair, ...each('waiting', 'web'), { type: 'deadline', barrier: 'waiting' });
    expect(late.commands).toEqual([record('ABORT', 'not waiting in time: db')]);
  });
});

describe('the second barrier', () => {
  it('records COMMIT when the last domain is prepared, and lets nobody go before that is on storage', () => {
    expect(tell(stopping, ...each('prepared', 'db')).commands).toEqual([]);
    expect(tell(stopping, ...each('prepared', 'db', 'web')).commands).toEqual([record('COMMIT')]);
    expect(step(recordingCommit, recorded('COMMIT')).commands).toEqual([
      { type: 'commit', domain: 'web' },
      { type: 'commit', domain: 'db' },
    ]);
  });

  it('has each source destroyed as its own destination confirms', () => {
    const one = tell(committing, ...each('started', 'db'));
    expect(one.commands).toEqual([{ type: 'destroySource', domain: 'db' }]);
    const { commands } = tell(one.state, ...each('sourceDestroyed', 'db'), ...each('started', 'web'));
    expect(commands).toEqual([{ type: 'destroySource', domain: 'web' }]);
  });

  it('ends in committed when every source is gone', () => {
    const { state, commands } = tell(
      committing,
      ...each('started', 'web', 'db'),
      ...each('sourceDestroyed', 'db', 'web'),
    );
    expect(state.phase).toBe('finished');
    const domains = [at('web', 'destination'), at('db', 'destination')];
    expect(commands).toEqual([{ type: 'finish', outcome: 'committed', domains, reason: null }]);
  });

  it('is the same for a group of one', () => {
    const { commands } = tell(
      initialGroup(['web']),
      ...each('waiting', 'web'),
      recorded('STOP'),
      ...each('prepared', 'web'),
      recorded('COMMIT'),
      ...each('started', 'web'),
      ...each('sourceDestroyed', 'web'),
    );
    expect(commands).toMatchObject([{ type: 'finish', outcome: 'committed' }]);
  });
});

describe('resending', () => {
  it('gives again exactly the orders that have not been answered', () => {
    const resend = { type: 'resend' } as const;
    expect(step(pair, resend).commands).toEqual([]);
    expect(tell(stopping, ...each('prepared', 'web'), resend).commands).toEqual([
      { type: 'stopAndCopy', domain: 'db' },
    ]);
    expect(step(recordingCommit, resend).commands).toEqual([]);
    expect(tell(committing, ...each('started', 'web'), resend).commands).toEqual([
      { type: 'destroySource', domain: 'web' },
      { type: 'commit', domain: 'db' },
    ]);
    expect(step(aborting, resend).commands).toEqual([{ type: 'abort', domain: 'web' }]);
  });
});
