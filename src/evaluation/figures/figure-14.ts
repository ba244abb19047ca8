import type { FigureRecipe } from '../figure.ts';
import { type TestbedName, testbeds } from '../paper.ts';
import { formatChange, formatNumber, meanOf } from '../statistics.ts';
import type { Trials } from '../trials.ts';
import { allCells, costCharts, costTable, ratio, traffic } from './costs.ts';

/** Fig. 14: traffic of every workload at both speeds. */
export const figure14: FigureRecipe = {
  name: '14',
  cells: allCells,
  draw: (trials) => ({
    name: '14',
    title: 'Fig. 14: traffic, GB',
    table: costTable(trials, traffic),
    charts: costCharts(trials, traffic),
    claims: [
      {
        of: 'traffic, oba against lll, D&H, 400 Mbit/s (§5.4)',
        paper: '−16 %',
        ours: formatChange(ratio(trials, traffic, 'D&H', 'lab', ['oba', 'lll'])),
        kind: 'test',
        why: 'As for the completion (Fig. 13): waiting is lazy.',
      },
      ...(Object.keys(testbeds) as TestbedName[]).map(
        (testbed) =>
          ({
            of: `traffic of DB, ns, D&H, ${testbeds[testbed].name} (§5.4)`,
            paper: 'over 3 GB',
            ours: `${formatNumber(databaseBytes(trials, testbed) / 1e9)} GB`,
            kind: 'fitted',
          }) as const,
      ),
    ],
    notes: ['The slower link takes more traffic, as in the paper: rounds last longer and more is dirtied in each.'],
  }),
};

function databaseBytes(trials: Trials, testbed: TestbedName): number {
  const runs = trials({ workload: 'D&H', testbed, strategy: 'ns' });
  return meanOf(runs.map(({ outcome }) => outcome.domains.find(({ name }) => name === 'db')!.sentBytes));
}
