import type { GroupOutcome } from '../../arbitrate/group-outcome.ts';
import type { Table } from '../../report/table.ts';
import { barChart, type Chart } from '../chart.ts';
import { compared, type TestbedName, testbeds, type WorkloadName, workloadNames } from '../paper.ts';
import { formatSpread, meanOf, over } from '../statistics.ts';
import type { Cell, Trials } from '../trials.ts';

/** One of §5.4's measures of cost. */
export interface Cost {
  readonly title: string;
  readonly unit: string;
  of(outcome: GroupOutcome): number;
}

export const completion: Cost = { title: 'Completion', unit: 's', of: ({ completionMs }) => completionMs / 1000 };
export const traffic: Cost = { title: 'Traffic', unit: 'GB', of: ({ trafficBytes }) => trafficBytes / 1e9 };
export const downtime: Cost = { title: 'Downtime', unit: 's', of: ({ downtimeMs }) => downtimeMs / 1000 };

/** Every workload, at both speeds, under every strategy: Figs. 13, 14 and 15 show one measure each of the same runs. */
const places = workloadNames.flatMap((workload) =>
  (Object.keys(testbeds) as TestbedName[]).map((testbed) => ({ workload, testbed })),
);

export const allCells: readonly Cell[] = places.flatMap((place) =>
  compared.map((strategy) => ({ ...place, strategy })),
);

export function costTable(trials: Trials, cost: Cost): Table {
  return {
    columns: [
      { title: 'WORKLOAD' },
      { title: 'LINK' },
      ...compared.map((strategy) => ({ title: strategy, align: 'right' }) as const),
    ],
    rows: places.map(({ workload, testbed }) => [
      workload,
      testbeds[testbed].name,
      ...compared.map((strategy) => formatSpread(over(trials, { workload, testbed, strategy }, cost.of))),
    ]),
  };
}

/** One chart for each speed. */
export function costCharts(trials: Trials, cost: Cost): Chart[] {
  return (Object.keys(testbeds) as TestbedName[]).map((testbed) =>
    barChart(
      testbed,
      `${cost.title}, ${testbeds[testbed].name}`,
      { title: cost.unit },
      workloadNames.flatMap((workload) =>
        compared.map((strategy) => {
          const { mean, deviation } = over(trials, { workload, testbed, strategy }, cost.of);
          return { group: workload, series: strategy, value: mean, spread: deviation };
        }),
      ),
    ),
  );
}

/** Mean cost under one strategy ÷ that under another. */
export function ratio(
  trials: Trials,
  cost: Cost,
  workload: WorkloadName,
  testbed: TestbedName,
  [strategy, other]: readonly [Cell['strategy'], Cell['strategy']],
): number {
  const mean = (name: Cell['strategy']) => over(trials, { workload, testbed, strategy: name }, cost.of).mean;
  return mean(strategy) / mean(other);
}

/** The mean of such ratios over workloads and both speeds. */
export function meanRatio(
  trials: Trials,
  costs: readonly Cost[],
  strategies: readonly [Cell['strategy'], Cell['strategy']],
  workloads: readonly WorkloadName[] = workloadNames,
): number {
  const chosen = places.filter(({ workload }) => workloads.includes(workload));
  return meanOf(
    costs.flatMap((cost) => chosen.map(({ workload, testbed }) => ratio(trials, cost, workload, testbed, strategies))),
  );
}
