import { VmbuddiesError } from '../errors.ts';
import type { ChartSpec } from './chart.ts';

/**
 * Draws a chart as SVG. Vega is loaded here and only when it is needed: it is not among what the package brings along.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE where Vega is not installed
 */
export async function drawSvg(spec: ChartSpec): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const { spec: compiled } = vegaLite.compile(spec as unknown as Parameters<typeof vegaLite.compile>[0]);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

async function loadVega() {
  try {
    const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
    return { vega, vegaLite };
  } catch (cause) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_UNAVAILABLE',
      'drawing takes Vega, which is not installed here: npm install vega vega-lite',
      { operation: 'draw', cause },
    );
  }
}
