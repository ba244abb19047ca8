import { barChart } from '../chart.ts';
import type { FigureRecipe } from '../figure.ts';
import { compared, completionSeconds } from '../paper.ts';
import { formatChange, formatNumber, formatSpread, over } from '../statistics.ts';
import type { Cell } from '../trials.ts';

type Strategy = (typeof compared)[number];
const cellOf = (strategy: Strategy): Cell => ({ workload: 'D&H', testbed: 'wan', strategy });

/** Fig. 12: how long all tiers were on one side, and how long they were not. */
export const figure12: FigureRecipe = {
  name: '12',
  cells: compared.map(cellOf),
  draw(trials) {
    const seconds = compared.map((strategy) => ({
      strategy,
      completion: over(trials, cellOf(strategy), ({ completionMs }) => completionMs / 1000),
      apart: over(trials, cellOf(strategy), ({ unsynchronisedMs }) => unsynchronisedMs / 1000),
    }));
    const completionOf = (name: Strategy) => seconds.find(({ strategy }) => strategy === name)!.completion.mean;
    return {
      name: '12',
      title: 'Fig. 12: synchronised and unsynchronised time, D&H, 40 Mbit/s',
      table: {
        columns: [
          { title: 'STRATEGY' },
          { title: 'COMPLETION, s', align: 'right' },
          { title: 'SYNCHRONISED, s', align: 'right' },
          { title: 'UNSYNCHRONISED, s', align: 'right' },
        ],
        rows: seconds.map(({ strategy, completion, apart }) => [
          strategy,
          formatSpread(completion),
          formatNumber(completion.mean - apart.mean),
          formatNumber(apart.mean),
        ]),
      },
      charts: [
        barChart(
          'sides',
          'Synchronised and unsynchronised time, D&H, 40 Mbit/s',
          { title: 'seconds' },
          seconds.flatMap(({ strategy, completion, apart }) => [
            { group: strategy, series: 'synchronised', value: completion.mean - apart.mean },
            { group: strategy, series: 'unsynchronised', value: apart.mean },
          ]),
          'stacked',
        ),
      ],
      claims: [
        {
          of: 'completion, ns (§5.3)',
          paper: `${completionSeconds.ns} s`,
          ours: `${formatNumber(completionOf('ns'))} s`,
          kind: 'fitted',
        },
        {
          of: 'completion, oba+mo (§5.3)',
          paper: `${completionSeconds['oba+mo']} s`,
          ours: `${formatNumber(completionOf('oba+mo'))} s`,
          kind: 'test',
          why: 'The paper’s times include the disks’ last synchronisation (§5.1), and its waiting guests send at their dirty rate.',
        },
        {
          of: 'completion, oba+mo against ns (§5.3)',
          paper: '−40 %',
          ours: formatChange(completionOf('oba+mo') / completionOf('ns')),
          kind: 'test',
        },
      ],
      notes: [],
    };
  },
};
