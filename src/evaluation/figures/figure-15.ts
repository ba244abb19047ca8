import type { FigureRecipe } from '../figure.ts';
import { formatChange } from '../statistics.ts';
import { allCells, costCharts, costTable, downtime, ratio } from './costs.ts';

/** Fig. 15: how long at least one tier stands still. */
export const figure15: FigureRecipe = {
  name: '15',
  cells: allCells,
  draw: (trials) => ({
    name: '15',
    title: 'Fig. 15: downtime, s',
    table: costTable(trials, downtime),
    charts: costCharts(trials, downtime),
    claims: [
      {
        of: 'downtime, oba+mo against ns, D&H, 40 Mbit/s (§5.4)',
        paper: 'below +4 %',
        ours: formatChange(ratio(trials, downtime, 'D&H', 'wan', ['oba+mo', 'ns'])),
        kind: 'test',
        why:
          'One after another each guest stops right after its own last round, at the whole link. Together all three are ' +
          'stopped at once, two of them some time after their last round; what they dirtied since is sent in the pause.',
      },
      {
        of: 'downtime, oba+mo against ns, D&H, 400 Mbit/s (§5.4)',
        paper: 'below +4 %',
        ours: formatChange(ratio(trials, downtime, 'D&H', 'lab', ['oba+mo', 'ns'])),
        kind: 'test',
        why: 'The same, on a pause of seconds.',
      },
    ],
    notes: [
      'At 40 Mbit/s DB’s pause is long in any model that keeps the paper’s numbers. 818 MB in four minutes (Table 2) are at ' +
        'least 3.6 MB a second, and rounds that come to three times its memory at 400 Mbit/s are 74 MB each on average. ' +
        'With so much dirty at all times, rounds at 5 MB/s settle at 74 / (5 − 3.6) = 53 s, and so does the pause.',
    ],
  }),
};
