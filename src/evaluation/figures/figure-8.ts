import { lineChart, type Point } from '../chart.ts';
import type { FigureRecipe } from '../figure.ts';
import { type Tier, tiers } from '../paper.ts';
import { formatNumber } from '../statistics.ts';
import type { Cell } from '../trials.ts';

const cell: Cell = { workload: 'D&H', testbed: 'lab', strategy: 'ns' };
const shown = [0, 1, 2, 3, 4, 5, 9, 14, 19, 24, 29];

/** Fig. 8: what each round of plain pre-copy leaves dirty, at 400 Mbit/s. */
export const figure8: FigureRecipe = {
  name: '8',
  cells: [cell],
  draw(trials) {
    const { events } = trials(cell)[0]!;
    const dirtied = (tier: Tier) =>
      events.flatMap(({ event }) =>
        event.type === 'round' && event.domain === tier && event.round.kind === 'precopy'
          ? [event.round.dirtiedPages]
          : [],
      );
    const series = new Map(tiers.map((tier) => [tier, dirtied(tier)]));
    const limitOf = (tier: Tier) =>
      events.flatMap(({ event }) =>
        event.type === 'state' && event.domain === tier && event.stopReason ? [event.stopReason.limit] : [],
      )[0];
    const points = tiers.flatMap((tier) =>
      series.get(tier)!.map((pages, round): Point => ({ series: tier, x: round, y: pages })),
    );
    return {
      name: '8',
      title: 'Fig. 8: pages dirtied during each round of pre-copy, D&H, ns, 400 Mbit/s',
      table: {
        columns: [{ title: 'ROUND' }, ...tiers.map((tier) => ({ title: tier.toUpperCase(), align: 'right' }) as const)],
        rows: shown.map((round) => [
          String(round),
          ...tiers.map((tier) => {
            const pages = series.get(tier)![round];
            return pages === undefined ? '' : formatNumber(pages);
          }),
        ]),
      },
      charts: [
        lineChart(
          'rounds',
          'Pages dirtied in each round',
          { title: 'round' },
          { title: 'pages', scale: 'log' },
          points,
        ),
      ],
      claims: [
        {
          of: 'rounds of App, ns, D&H, 400 Mbit/s (§5.4)',
          paper: '30',
          ours: String(series.get('app')!.length),
          kind: 'fitted',
        },
        {
          of: 'why DB ends there (§5.4)',
          paper: 'three times its memory',
          ours: limitOf('db') === 'traffic' ? 'three times its memory' : `${limitOf('db')}`,
          kind: 'fitted',
        },
      ],
      notes: ['As in the paper only the first rounds gain anything: from then on each leaves what it found.'],
    };
  },
};
