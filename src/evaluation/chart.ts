/** Charts as data: Vega-Lite specifications, made of a few kinds. Who draws them decides how (svg.ts). */

export type ChartSpec = Readonly<Record<string, unknown>>;

export interface Chart {
  /** Of its file: unique among a figure's charts. */
  readonly name: string;
  readonly spec: ChartSpec;
}

export interface Axis {
  readonly title: string;
  /** Default linear. */
  readonly scale?: 'log';
}

export interface Bar {
  /** One place on the x axis. */
  readonly group: string;
  /** One colour. */
  readonly series: string;
  readonly value: number;
  /** Half the height of the mark around the value; 0: none. */
  readonly spread?: number;
}

export interface Point {
  readonly series: string;
  readonly x: number;
  /** null: the line is broken here. */
  readonly y: number | null;
}

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';
const size = { width: 480, height: 280 };

/** Bars in groups, beside each other, or on top of each other. */
export function barChart(
  name: string,
  title: string,
  y: Axis,
  bars: readonly Bar[],
  layout: 'beside' | 'stacked' = 'beside',
): Chart {
  const x = { field: 'group', type: 'nominal', title: null, sort: null, axis: { labelAngle: 0 } };
  const beside = layout === 'beside' ? { xOffset: { field: 'series', sort: null } } : {};
  const value = { field: 'value', type: 'quantitative', title: y.title };
  const values = bars.map(({ group, series, value, spread = 0 }) => ({
    group,
    series,
    value,
    low: value - spread,
    high: value + spread,
  }));
  const marks = {
    mark: 'bar',
    encoding: { x, ...beside, y: value, color: { field: 'series', type: 'nominal', title: null, sort: null } },
  };
  const spreads = {
    transform: [{ filter: 'datum.high > datum.low' }],
    mark: { type: 'errorbar', ticks: true },
    encoding: { x, ...beside, y: { field: 'low', type: 'quantitative', title: y.title }, y2: { field: 'high' } },
  };
  const layer = bars.some(({ spread = 0 }) => spread > 0) ? [marks, spreads] : [marks];
  return { name, spec: { $schema: schema, title, ...size, data: { values }, layer } };
}

/** One line for each series. */
export function lineChart(name: string, title: string, x: Axis, y: Axis, points: readonly Point[]): Chart {
  const scaled = (field: string, axis: Axis) => ({
    field,
    type: 'quantitative',
    title: axis.title,
    ...(axis.scale && { scale: { type: axis.scale } }),
  });
  const spec = {
    $schema: schema,
    title,
    ...size,
    data: { values: points },
    mark: { type: 'line', strokeWidth: 1.5 },
    encoding: {
      x: scaled('x', x),
      y: scaled('y', y),
      color: { field: 'series', type: 'nominal', title: null, sort: null },
    },
  };
  return { name, spec };
}
