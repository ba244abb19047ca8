import { describe, expect, it } from 'vitest';
import { step } from '../../../src/arbitrate/protocol.ts';
import type { GroupEvent } from '../../../src/arbitrate/protocol-messages.ts';
import { initialGroup } from '../../../src/arbitrate/protocol-state.ts';
import {
  aborting,
  at,
  committing,
  each,
  failed,
  pair,
  pledging,
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
  it('asks for pledges when the last domain is prepared', () => {
    expect(tell(stopping, ...each('prepared', 'db')).commands).toEqual([]);
    expect(tell(stopping, ...each('prepared', 'db', 'web')).commands).toEqual([
      { type: 'pledge', domain: 'web' },
      { type: 'pledge', domain: 'db' },
    ]);
  });

  it('aborts when its deadline passes before the last pledge, and not once COMMIT is being recorded', () => {
    const deadline = { type: 'deadline', barrier: 'prepared' } as const;
    const budgeted = (...events: GroupEvent[]) =>
      tell(
        initialGroup(['web', 'db'], { pauseBudgetMs: 500 }),
        ...each('waiting', 'web', 'db'),
        { type: 'pausePredicted', pauseMs: 400 },
        recorded('STOP'),
        ...events,
      );
    expect(budgeted(...each('prepared', 'web'), deadline).commands).toEqual([
      record('ABORT', 'not prepared within the downtime budget of 500 ms: db'),
    ]);
    expect(budgeted(...each('prepared', 'web', 'db'), ...each('pledged', 'db'), deadline).commands).toMatchObject([
      { decision: 'ABORT' },
    ]);
    const pledged = [...each('prepared', 'web', 'db'), ...each('pledged', 'web', 'db')];
    expect(budgeted(...pledged, deadline).commands).toEqual([]);
  });

  it('aborts when a prepared domain has given up instead of pledging', () => {
    const { commands } = tell(pledging, ...each('pledged', 'web'), failed('db', 'source'));
    expect(commands).toEqual([record('ABORT', 'db: link lost')]);
  });

  it('records COMMIT when the last domain has pledged, and lets nobody go before that is on storage', () => {
    expect(tell(pledging, ...each('pledged', 'db')).commands).toEqual([]);
    expect(tell(pledging, ...each('pledged', 'db', 'web')).commands).toEqual([record('COMMIT')]);
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
      ...each('pledged', 'web'),
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
    expect(tell(pledging, ...each('pledged', 'web'), resend).commands).toEqual([{ type: 'pledge', domain: 'db' }]);
    expect(step(recordingCommit, resend).commands).toEqual([]);
    expect(tell(committing, ...each('started', 'web'), resend).commands).toEqual([
      { type: 'destroySource', domain: 'web' },
      { type: 'commit', domain: 'db' },
    ]);
    expect(step(aborting, resend).commands).toEqual([{ type: 'abort', domain: 'web' }]);
  });
});
