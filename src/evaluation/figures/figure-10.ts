import { lineChart, type Point } from '../chart.ts';
import type { FigureRecipe } from '../figure.ts';
import { type Tier, tiers, type WorkloadName, workloadNames } from '../paper.ts';
import { formatChange, formatNumber, type Spread, spreadOf } from '../statistics.ts';
import { dirtiedEachSecond } from '../workloads.ts';

const seconds = 240;

/** Fig. 10: pages dirtied in each second, the log cleaned at its end. */
export const figure10: FigureRecipe = {
  name: '10',
  cells: [],
  draw() {
    const series = new Map(
      workloadNames.map((workload) => [workload, tiers.map((tier) => dirtiedEachSecond(workload, tier, seconds))]),
    );
    const ofTier = (workload: WorkloadName, tier: Tier): Spread =>
      spreadOf(series.get(workload)![tiers.indexOf(tier)]!);
    const total = (workload: WorkloadName) => tiers.reduce((sum, tier) => sum + ofTier(workload, tier).mean, 0);
    return {
      name: '10',
      title: 'Fig. 10: pages dirtied per second',
      table: {
        columns: [
          { title: 'WORKLOAD' },
          { title: 'TIER' },
          ...['MEAN', 'DEVIATION', 'LEAST', 'MOST'].map((title) => ({ title, align: 'right' }) as const),
        ],
        rows: workloadNames.flatMap((workload) =>
          tiers.map((tier, at) => {
            const pages = series.get(workload)![at]!;
            const { mean, deviation } = spreadOf(pages);
            return [workload, tier, ...[mean, deviation, Math.min(...pages), Math.max(...pages)].map(formatNumber)];
          }),
        ),
      },
      charts: workloadNames.map((workload) =>
        lineChart(
          workload.toLowerCase().replace('&', '-'),
          `Pages dirtied per second, ${workload}`,
          { title: 'seconds' },
          { title: 'pages' },
          tiers.flatMap((tier, at) =>
            series.get(workload)![at]!.map((pages, second): Point => ({ series: tier, x: second + 1, y: pages })),
          ),
        ),
      ),
      claims: [
        {
          of: 'mean dirty rate, L&SW against S&L (§5.1)',
          paper: 'almost equal',
          ours: formatChange(total('L&SW') / total('S&L')),
          kind: 'test',
        },
      ],
      notes: ['D&H changes every 30 s and all tiers change together; S&L varies by its noise alone.'],
    };
  },
};
