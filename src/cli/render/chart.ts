const eighths = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export interface ChartShape {
  /** Columns, one value each; the last `width` values are shown. */
  readonly width: number;
  /** Lines. */
  readonly height: number;
}

/**
 * A bar chart from zero to the largest value shown, the newest value on the right. Any value above zero has at least
 * an eighth of a line, so that a quiet domain does not look like a still one.
 */
export function barChart(values: readonly number[], { width, height }: ChartShape): string[] {
  const shown = values.slice(-width);
  const top = Math.max(...shown, 0);
  const heights = shown.map((value) => (value > 0 ? Math.max(1, Math.round((value / top) * height * 8)) : 0));
  return Array.from({ length: height }, (_, line) => {
    const below = (height - 1 - line) * 8;
    return heights.map((eighth) => eighths[Math.min(8, Math.max(0, eighth - below))] || ' ').join('');
  });
}
