import type { Cli } from '../cli.ts';
import { barChart } from './chart.ts';

const shape = { width: 60, height: 6 };

export interface Series<T> {
  readonly source: AsyncIterable<T>;
  /** Ends the series early. That is an ending, not an error: what was measured so far still counts. */
  readonly signal: AbortSignal;
  /** What the chart shows of an item. */
  value(item: T): number;
  line(item: T): string;
}

/**
 * Shows measurements as they come and returns them all. On a terminal: a bar chart over the newest line, redrawn on
 * stderr, which stays on stdout at the end. Where stdout is read by a program: a line each, there.
 */
export async function showSeries<T>(cli: Cli, series: Series<T>): Promise<T[]> {
  const region = cli.openRegion();
  const charted = region !== null && cli.host.stdout.isTTY === true;
  const items: T[] = [];
  const bars = () => barChart(items.map(series.value), shape);
  try {
    for await (const item of untilStopped(series.source, series.signal)) {
      items.push(item);
      region?.draw([...bars(), series.line(item)]);
      if (!charted) cli.result(series.line(item));
    }
  } finally {
    cli.closeRegion();
  }
  if (charted) for (const line of bars()) cli.result(line);
  return items;
}

/** The items of `source` until `signal` is aborted. */
export async function* untilStopped<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
