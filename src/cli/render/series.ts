import type { Cli } from '../cli.ts';
import type { Size } from '../printer.ts';
import { cut, type Line } from '../text.ts';
import { barChart } from './chart.ts';

const height = 6;
const maxWidth = 60;

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
  const { region } = cli;
  const charted = region !== null && cli.host.stdout.isTerminal;
  const items: T[] = [];
  const bars = () => {
    const width = Math.min(maxWidth, cli.host.stderr.size.columns - 1);
    return barChart(items.map(series.value), { width, height });
  };
  try {
    for await (const item of untilStopped(series.source, series.signal)) {
      items.push(item);
      region?.draw(chartLines([...bars(), series.line(item)], region.size));
      if (!charted) cli.result(series.line(item));
    }
  } finally {
    region?.draw([]);
  }
  if (charted) for (const line of bars()) cli.result(line);
  return items;
}

/** As many lines, from the newest up, and as much of each as the terminal shows. */
function chartLines(lines: readonly string[], { columns, rows }: Size): Line[] {
  return lines.slice(-(rows - 1)).map((line) => cut(line, columns - 1));
}

/** The items of `source` until `signal` is aborted. */
export async function* untilStopped<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
