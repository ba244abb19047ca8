import { describe, expect, it } from 'vitest';
import { momentsOf } from '../../../src/evaluation/moments.ts';
import { testbeds, users } from '../../../src/evaluation/paper.ts';
import { meanDuring, stagedService } from '../../../src/evaluation/stages.ts';
import { oneByOne, together } from './runs.ts';

describe('what events mean to the application', () => {
  it('one after another: each tier moves by itself, the others where they are', () => {
    const moments = momentsOf(oneByOne({ web: [0, 90, 100], app: [100, 190, 200], db: [200, 290, 300] }), 1000);
    expect(
      moments.map(({ fromSeconds, moved, migrating, suspended }) =>
        [fromSeconds, [...moved].join('+') || '-', [...migrating].join('+') || '-', suspended].join(' '),
      ),
    ).toEqual([
      '1000 - web false',
      '1090 - web true',
      '1100 web - false',
      '1100 web app false',
      '1190 web app true',
      '1200 web+app - false',
      '1200 web+app db false',
      '1290 web+app db true',
      '1300 web+app+db - false',
    ]);
  });
});

describe('stages', () => {
  const span = { fromSeconds: 0, toSeconds: 400 };
  const stagesOf = (moments: ReturnType<typeof momentsOf>) => {
    const seconds = stagedService(moments, users['D&H'], testbeds.wan, span);
    const counts: Record<string, number> = {};
    for (const { stage } of seconds) counts[`${stage}`] = (counts[`${stage}`] ?? 0) + 1;
    return counts;
  };

  it('split a sequential migration by the tier that moves; suspended seconds belong to none', () => {
    const events = oneByOne({ web: [0, 90, 100], app: [100, 190, 200], db: [200, 290, 300] });
    expect(stagesOf(momentsOf(events, 50))).toEqual({
      before: 50,
      'web migrates': 90,
      'app migrates': 90,
      'db migrates': 90,
      null: 30,
      after: 50,
    });
  });

  it('know one stage of a synchronised migration', () => {
    expect(stagesOf(momentsOf(together({ suspended: 240, started: 250 }), 50))).toEqual({
      before: 50,
      'all migrate': 240,
      null: 10,
      after: 100,
    });
  });

  it('have no mean where they did not happen', () => {
    const seconds = stagedService([], users['S&L'], testbeds.wan, { fromSeconds: 0, toSeconds: 10 });
    expect(meanDuring([seconds], 'after')).toBeNull();
    expect(meanDuring([seconds], 'before')!.requestsPerSecond).toBeGreaterThan(0);
  });
});
