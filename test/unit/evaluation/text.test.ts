import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../src/evaluation/figure.ts';
import { evaluationPage, markdownTable } from '../../../src/evaluation/markdown.ts';
import { formatChange, formatNumber, formatSpread, spreadOf } from '../../../src/evaluation/statistics.ts';

describe('numbers', () => {
  it('have three digits, and never fewer than their whole part', () => {
    expect([1478.3, 103.6, 99.96, 12.34, 0.04567, 0].map(formatNumber)).toEqual([
      '1478',
      '104',
      '100',
      '12.3',
      '0.0457',
      '0',
    ]);
  });

  it('spread: the deviation of the sample, as fine as the mean', () => {
    expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, deviation: 1 });
    expect(spreadOf([5])).toEqual({ mean: 5, deviation: 0 });
    expect(formatSpread({ mean: 12.345, deviation: 0.678 })).toBe('12.3 ± 0.7');
    expect(formatSpread({ mean: 1478, deviation: 12.3 })).toBe('1478 ± 12');
    expect(formatSpread({ mean: 6.0999, deviation: 0.04 })).toBe('6.10 ± 0.04');
  });

  it('changes are percent, with a true minus', () => {
    expect([0.6, 1.1, 1, 1.004].map(formatChange)).toEqual(['−40 %', '+10 %', '±0 %', '±0 %']);
  });
});

describe('the page', () => {
  const figure: Figure = {
    name: '99',
    title: 'Fig. 99: nothing',
    table: { columns: [{ title: 'A' }, { title: 'B', align: 'right' }], rows: [['x|y', '1']] },
    charts: [],
    claims: [{ of: 'something', paper: '1', ours: '2', kind: 'test', why: 'it is not the same thing.' }],
    notes: ['A note.'],
  };

  it('aligns columns, and a bar in a cell does not end it', () => {
    expect(markdownTable(figure.table)).toBe('| A | B |\n| --- | ---: |\n| x\\|y | 1 |');
  });

  it('has every claim in one table before the figures, and the reasons under it', () => {
    const page = evaluationPage([figure]);
    expect(page).toContain('| something | 1 | 2 | test |');
    expect(page).toContain('- something: it is not the same thing.');
    expect(page.indexOf('| something')).toBeLessThan(page.indexOf('## Fig. 99'));
    expect(page).toMatch(/A note\.\n$/);
  });
});
