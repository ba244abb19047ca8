import type { Command } from 'commander';
import { type DirtyRateWindow, type Domain, measureDirtyRate } from '../../index.ts';
import { minWindowMs } from '../../measure/dirty-rate.ts';
import { maxTimeMs } from '../../simulate/limits.ts';
import { formatDuration, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { interruptible } from '../interrupt.ts';
import { optionWithDefault, someTime, timeBetween } from '../options.ts';
import { showSeries, untilStopped } from '../render/series.ts';
import { verb } from '../verb.ts';

interface MeasureOptions {
  readonly window: number;
  readonly for: number;
  readonly json?: boolean;
}

export function measureCommand(cli: Cli): Command {
  return verb('measure', 'Measure how many pages a domain dirties: clean its dirty log, wait a window, read it.', [
    'vmbuddies measure db',
    'vmbuddies measure db --window 500ms --for 10s --json | jq .pagesPerSecond',
  ])
    .argument('<domain>', 'name of the domain')
    .addOption(optionWithDefault('--window <time>', 'length of a window', timeBetween(minWindowMs, maxTimeMs), '1s'))
    .addOption(optionWithDefault('--for <time>', 'how long to measure', someTime, '30s'))
    .option('--json', 'JSON lines, one per window')
    .action((name: string, { window, for: duration, json = false }: MeasureOptions) =>
      withDomains(cli, [name], ([domain]) =>
        interruptible(cli, 'Stopping; the domain runs on.', async (interruption) => {
          const signal = AbortSignal.any([interruption.signal, cli.host.stdoutClosed]);
          const source = measureDirtyRate(domain!, { windowMs: window, durationMs: duration, signal });
          if (json) {
            for await (const sample of untilStopped(source, signal)) cli.json(sample);
            return;
          }
          const samples = await showSeries(cli, {
            source,
            signal,
            value: (one) => one.pagesPerSecond,
            line: sampleLine,
          });
          if (samples.length > 0)
            cli.result(`${domain!.name}: ${summary(samples)}; ${stallText(domain!.kind, samples)}`);
        }),
      ),
    );
}

function sampleLine(sample: DirtyRateWindow): string {
  const end = formatDuration(sample.startMs + sample.windowMs);
  return `${end}: ${rateText(sample.pagesPerSecond, sample.bytesPerSecond)}, probe ${formatDuration(sample.probeMs)}`;
}

function summary(samples: readonly DirtyRateWindow[]): string {
  const mean = (of: (sample: DirtyRateWindow) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const peak = samples.reduce((most, one) => (one.pagesPerSecond > most.pagesPerSecond ? one : most));
  const meanRate = rateText(
    mean((one) => one.pagesPerSecond),
    mean((one) => one.bytesPerSecond),
  );
  return [
    `mean ${meanRate}, max ${rateText(peak.pagesPerSecond, peak.bytesPerSecond)} in ${samples.length} windows`,
    `the probe took ${formatDuration(mean((one) => one.probeMs))} a window`,
  ].join('; ');
}

/** A process guest watches its own clock. Of a Xen guest only the probe is known: it is paused while its log is read. */
function stallText(kind: Domain['kind'], samples: readonly DirtyRateWindow[]): string {
  const stall = formatDuration(Math.max(...samples.map((one) => one.guestStallMs)));
  return kind === 'xen' ? `it paused the guest for at most ${stall}` : `the guest's longest stall was ${stall}`;
}

function rateText(pagesPerSecond: number, bytesPerSecond: number): string {
  return `${Math.round(pagesPerSecond)} pages/s (${formatSize(bytesPerSecond)}/s)`;
}
