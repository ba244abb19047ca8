import { describe, expect, it } from 'vitest';
import { spreadOf } from '../../../src/plan/spread.ts';
import { predictionsTable } from '../../../src/report/planning.ts';

describe('spreadOf', () => {
  it('leaves out a tenth at either end', () => {
    const values = Array.from({ length: 21 }, (_, at) => 20 - at);
    expect(spreadOf(values)).toEqual({ low: 2, median: 10, high: 18 });
    expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 });
    expect(spreadOf([1, 2]).median).toBe(1.5);
  });

  it('is of something', () => {
    expect(() => spreadOf([])).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
  });
});

describe('predictionsTable', () => {
  it('shows the range where there is one, nothing of what never committed, and which strategy breaks the budget', () => {
    const same = { low: 0, median: 0, high: 0 };
    const figures = {
      completionMs: { low: 850_000, median: 880_000, high: 910_000 },
      trafficBytes: { low: 2 ** 29, median: 2 ** 30, high: 2 ** 31 },
      downtimeMs: { low: 200, median: 300, high: 400 },
      unsynchronisedMs: same,
    };
    const { columns, rows } = predictionsTable([
      { strategy: 'oba+mo', runs: 20, committed: 19, reason: 'no', overBudget: 1, figures },
      { strategy: 'ns', runs: 20, committed: 0, reason: 'no', overBudget: null, figures: null },
    ]);
    expect(columns.map(({ title }) => title)).toEqual([
      'STRATEGY',
      'COMPLETION',
      'TRAFFIC',
      'DOWNTIME',
      'UNSYNCHRONISED',
      'COMMITTED',
    ]);
    expect(rows).toEqual([
      [
        'oba+mo !',
        '14 min 40 s (14 min 10 s to 15 min 10 s)',
        '1 GiB (512 MiB to 2 GiB)',
        '300 ms (200 to 400)',
        '0 ms',
        '19 of 20',
      ],
      ['ns', '-', '-', '-', '-', '0 of 20'],
    ]);
  });
});
