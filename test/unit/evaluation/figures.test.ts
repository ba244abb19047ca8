import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../src/evaluation/figure.ts';
import { recipes } from '../../../src/evaluation/figures/registry.ts';
import { reproduceFigures } from '../../../src/evaluation/reproduce.ts';
import type { Cell, Trials } from '../../../src/evaluation/trials.ts';
import { madeTrials, outcomeOf, together } from './runs.ts';

const recipe = (name: string) => recipes.find((one) => one.name === name)!;
const draw = (name: string, trials: Trials) => recipe(name).draw(trials);
const noTrials: Trials = () => {
  throw new Error('this figure needs none');
};
const claim = (figure: Figure, of: RegExp) => figure.claims.find((one) => of.test(one.of))!;

/** Half of ns's completion under mo, a tenth more under everything that waits; ten times as fast in the laboratory. */
const made = madeTrials(({ strategy, testbed }: Cell) => {
  const share = { ns: 1, mo: 0.5, lll: 1.25, 'lll+mo': 0.8, oba: 1.1, 'oba+mo': 0.6, equal: 1, turns: 0.5 }[strategy];
  const completionSeconds = 1000 * share * (testbed === 'wan' ? 1 : 0.1);
  const figures = {
    completionSeconds,
    trafficBytes: completionSeconds * (testbed === 'wan' ? 5e6 : 50e6),
    downtimeSeconds: 10 * share,
    unsynchronisedSeconds: strategy === 'ns' || strategy === 'mo' ? completionSeconds * 0.8 : 0,
  };
  return { outcome: outcomeOf(strategy, figures), events: [] };
});

describe('Fig. 12', () => {
  const figure = draw('12', made);

  it('splits the completion into the time together and the time apart', () => {
    expect(figure.table.rows[0]).toEqual(['ns', '1000 ± 0', '200', '800']);
    expect(figure.table.rows.at(-1)).toEqual(['turns', '500 ± 0', '500', '0']);
  });

  it("sets the saving beside the paper's", () => {
    expect(claim(figure, /oba\+mo against ns/)).toMatchObject({ paper: '−40 %', ours: '−40 %', kind: 'test' });
  });
});

describe('Figs. 13, 14 and 15', () => {
  it('have a row for each workload at each speed, a column for each strategy', () => {
    for (const name of ['13', '14', '15']) {
      const { table } = draw(name, made);
      expect(table.rows).toHaveLength(6);
      expect(table.columns.slice(2).map(({ title }) => title)).toEqual([
        'ns',
        'mo',
        'lll',
        'lll+mo',
        'oba',
        'oba+mo',
        'turns',
      ]);
    }
  });

  it('compare strategies on the same workload and link', () => {
    expect(claim(draw('13', made), /oba against lll, D&H, 400/).ours).toBe('−12 %');
    expect(claim(draw('13', made), /oba against ns/).ours).toBe('+10 %');
    expect(claim(draw('13', made), /^mean cost, oba\+mo/).ours).toBe('−40 %');
    expect(claim(draw('14', made), /oba against lll/).ours).toBe('−12 %');
    expect(claim(draw('15', made), /40 Mbit/).ours).toBe('−40 %');
  });

  it('share their experiments', () => {
    expect(recipe('13').cells).toBe(recipe('14').cells);
    expect(recipe('14').cells).toBe(recipe('15').cells);
  });
});

describe('the kind of Table 3', () => {
  it('has how long each tier waited, and what it sent meanwhile', () => {
    const events = together({ waiting: { web: 10, app: 40, db: 90 }, suspended: 100, started: 110 });
    const figure = draw(
      'table-3',
      madeTrials(({ strategy }) => ({ outcome: outcomeOf(strategy, { completionSeconds: 110 }), events })),
    );
    expect(figure.table.rows.slice(0, 3).map(([, tier, waits, sends]) => [tier, waits, sends])).toEqual([
      ['web', '90', '0'],
      ['app', '60', '0'],
      ['db', '10', '0'],
    ]);
    expect(Number(figure.table.rows[0]![4])).toBeGreaterThan(90 * 4);
  });
});

describe('what needs no simulation', () => {
  it('Table 2 shows the same numbers twice: they are fitted', () => {
    for (const [, ...cells] of draw('table-2', noTrials).table.rows) {
      expect([cells[1], cells[3], cells[5]]).toEqual([cells[0], cells[2], cells[4]]);
    }
  });

  it('Fig. 10 shows D&H in two levels and S&L in one', () => {
    const rows = draw('10', noTrials).table.rows;
    const relativeDeviation = (workload: string, tier: string) => {
      const [, , mean, deviation] = rows.find((row) => row[0] === workload && row[1] === tier)!;
      return Number(deviation) / Number(mean);
    };
    expect(relativeDeviation('S&L', 'db')).toBeLessThan(0.1);
    expect(relativeDeviation('D&H', 'db')).toBeGreaterThan(0.2);
  });

  it('Fig. 17 counts work that grows in proportion to the group, within a half', () => {
    const each = draw('17', noTrials).table.rows.map((row) => Number(row[3]));
    expect(Math.max(...each) / Math.min(...each)).toBeLessThan(1.5);
  });
});

describe('every figure', () => {
  it('has a name of its own', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
  });
});

describe('reproducing', () => {
  it('refuses a figure there is none of, and says which there are', async () => {
    await expect(reproduceFigures(['13', '7'])).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_ARGUMENT',
      message: expect.stringMatching(/^there is no figure '7' to reproduce; there are 8, table-2, 10/),
    });
  });

  it('draws what was asked for, in the paper’s order', async () => {
    const figures = await reproduceFigures(['17', 'table-2']);
    expect(figures.map(({ name }) => name)).toEqual(['table-2', '17']);
  });
});
