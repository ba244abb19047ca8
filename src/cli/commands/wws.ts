import type { Command } from 'commander';
import { fitGrowthCurve, measureWorkingSet, type WorkingSetPeek } from '../../index.ts';
import { minWindowMs } from '../../measure/dirty-rate.ts';
import { maxTimeMs } from '../../simulate/limits.ts';
import { formatDuration, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { interruptible } from '../interrupt.ts';
import { optionWithDefault, someTime, timeBetween } from '../options.ts';
import { showSeries, untilStopped } from '../render/series.ts';
import { verb } from '../verb.ts';

interface WwsOptions {
  readonly interval: number;
  readonly for: number;
  readonly json?: boolean;
}

const pageBytes = 4096;

export function wwsCommand(cli: Cli): Command {
  return verb('wws', "Measure a domain's writable working set: peek at its dirty log until that tells nothing new.", [
    'vmbuddies wws db',
    'vmbuddies wws db --interval 500ms --for 30s --json',
  ])
    .argument('<domain>', 'name of the domain')
    .addOption(
      optionWithDefault('--interval <time>', 'time between two peeks', timeBetween(minWindowMs, maxTimeMs), '1s'),
    )
    .addOption(optionWithDefault('--for <time>', 'stop after this long, settled or not', someTime, '1min'))
    .option('--json', 'one JSON object: the points, the settled size and the fit')
    .action((name: string, { interval, for: duration, json = false }: WwsOptions) =>
      withDomains(cli, [name], ([domain]) =>
        interruptible(cli, 'Stopping; the domain runs on.', async (interruption) => {
          const signal = AbortSignal.any([interruption.signal, cli.host.stdoutClosed]);
          const source = measureWorkingSet(domain!, { intervalMs: interval, maxMs: duration, signal });
          const points = json
            ? await collect(cli, untilStopped(source, signal))
            : await showSeries(cli, { source, signal, value: (one) => one.dirtyPages, line: pointLine });
          const last = points.at(-1);
          if (last === undefined) return;
          const { settled, settledBy, dirtyPages: wwsPages } = last;
          const fit = fitGrowthCurve(points);
          if (json) {
            const wwsBytes = wwsPages * pageBytes;
            cli.json({ schema: 1, domain: domain!.name, settled, settledBy, wwsPages, wwsBytes, fit, points });
            return;
          }
          cli.result(`${domain!.name}: ${verdict(last)}`);
          cli.result(
            `fit: W∞ ${sizeText(fit.wwsPages)}, d ${Math.round(fit.dirtyPagesPerSecond)} pages/s, ` +
              `cold ${Math.round(fit.coldPagesPerSecond)} pages/s, error ${(100 * fit.relativeError).toFixed(1)} %`,
          );
        }),
      ),
    );
}

/** What is measured is the result; that it goes on is told beside it. */
async function collect(cli: Cli, source: AsyncIterable<WorkingSetPeek>): Promise<WorkingSetPeek[]> {
  const points: WorkingSetPeek[] = [];
  for await (const point of source) {
    points.push(point);
    cli.progress(pointLine(point));
  }
  return points;
}

function verdict({ settledBy, dirtyPages, seconds }: WorkingSetPeek): string {
  const after = `${sizeText(dirtyPages)} after ${formatDuration(seconds * 1000)}`;
  if (settledBy === 'equal') return `settled at ${after}: two peeks agree`;
  if (settledBy === 'fit') return `settled, at ${after}: the fit has foretold what was seen since`;
  return `not settled, at ${after}`;
}

function pointLine(point: WorkingSetPeek): string {
  const time = formatDuration(point.seconds * 1000);
  return `${time}: ${sizeText(point.dirtyPages)}, probe ${formatDuration(point.probeMs)}`;
}

function sizeText(pages: number): string {
  return `${Math.round(pages)} pages (${formatSize(pages * pageBytes)})`;
}
