/** What `vmbuddies plan` and `vmbuddies simulate` show of many runs. */

import type { StrategyPrediction } from '../plan/prediction.ts';
import type { Spread } from '../plan/spread.ts';
import { formatDuration, formatSize } from '../units.ts';
import type { Table } from './table.ts';

/** Strategies side by side: the median of each figure, where 8 of 10 runs lay, and a `!` where a run broke the budget. */
export function predictionsTable(predictions: readonly StrategyPrediction[]): Table {
  const cell = (interval: Spread | undefined, format: (value: number) => string) =>
    interval === undefined ? '-' : intervalText(interval, format);
  return {
    columns: [
      { title: 'STRATEGY' },
      { title: 'COMPLETION', align: 'right' },
      { title: 'TRAFFIC', align: 'right' },
      { title: 'DOWNTIME', align: 'right' },
      { title: 'UNSYNCHRONISED', align: 'right' },
      { title: 'COMMITTED', align: 'right' },
    ],
    rows: predictions.map(({ strategy, figures, committed, runs, overBudget }) => [
      overBudget ? `${strategy} !` : strategy,
      cell(figures?.completionMs, formatDuration),
      cell(figures?.trafficBytes, formatSize),
      cell(figures?.downtimeMs, formatDuration),
      cell(figures?.unsynchronisedMs, formatDuration),
      `${committed} of ${runs}`,
    ]),
  };
}

/** `880 s (850 to 910)`, or the median alone where nothing varies as far as it is shown. */
function intervalText({ low, median, high }: Spread, format: (value: number) => string): string {
  const [from, middle, to] = [format(low), format(median), format(high)];
  if (from === to) return middle;
  const unitOf = (text: string) => text.slice(text.lastIndexOf(' '));
  const isSimple = (text: string) => text.split(' ').length === 2;
  const sameUnit = [from, middle, to].every((text) => isSimple(text) && unitOf(text) === unitOf(middle));
  return sameUnit ? `${middle} (${parseFloat(from)} to ${parseFloat(to)})` : `${middle} (${from} to ${to})`;
}
