import { afterEach, describe, expect, it, vi } from 'vitest';
import { barChart, lineChart } from '../../../src/evaluation/chart.ts';
import { drawSvg } from '../../../src/evaluation/svg.ts';

const bars = [
  { group: 'S&L', series: 'ns', value: 10, spread: 1 },
  { group: 'S&L', series: 'oba+mo', value: 6 },
  { group: 'D&H', series: 'ns', value: 20 },
  { group: 'D&H', series: 'oba+mo', value: 12 },
];

afterEach(() => {
  vi.doUnmock('vega');
  vi.resetModules();
});

describe('a chart', () => {
  it('is drawn as SVG with its title, axes and series', async () => {
    const svg = await drawSvg(barChart('wan', 'Completion', { title: 'seconds' }, bars).spec);
    for (const text of ['<svg', 'Completion', 'seconds', 'S&amp;L', 'oba+mo']) expect(svg).toContain(text);
  });

  it('is drawn alike every time', async () => {
    const points = [0, 1, 2].map((x) => ({ series: 'web', x, y: x * x }));
    const { spec } = lineChart('load', 'Load', { title: 'seconds' }, { title: 'pages' }, points);
    expect(await drawSvg(spec)).toBe(await drawSvg(spec));
  });

  it('has a bar for each value: beside each other, or on top of each other', async () => {
    const count = async (layout: 'beside' | 'stacked') =>
      (await drawSvg(barChart('x', 'X', { title: 's' }, bars, layout).spec)).match(/aria-roledescription="bar"/g);
    expect(await count('beside')).toHaveLength(4);
    expect(await count('stacked')).toHaveLength(4);
  });

  it('says what to install where Vega is missing', async () => {
    vi.resetModules();
    vi.doMock('vega', () => {
      throw new Error("Cannot find package 'vega'");
    });
    const fresh = await import('../../../src/evaluation/svg.ts');
    await expect(fresh.drawSvg({})).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_UNAVAILABLE',
      message: expect.stringContaining('npm install vega vega-lite'),
    });
  });
});
