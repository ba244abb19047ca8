import { type Domain, type DryRun, dryRun, type GroupOptions } from '../index.ts';
import type { Interval } from '../model/predict-interval.ts';
import { formatDuration, formatSize } from '../units.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { preflightAll } from './preflight.ts';
import { checkLines } from './render/checks.ts';

export interface Rehearsal {
  readonly domains: readonly Domain[];
  readonly options: GroupOptions;
  readonly together: boolean;
  readonly json: boolean;
}

/** Checks and measures, and prints what exactly this call would do. The exit code says whether it would be refused. */
export async function rehearse(cli: Cli, { domains, options, together, json }: Rehearsal): Promise<void> {
  const { to, ssh, secret, insecure, strategy = 'turns', linkBytesPerSecond, maxDowntimeMs } = options;
  const trust = { ...(secret && { secret }), ...(insecure && { insecure }) };
  const checks = await preflightAll({ domains, to, ssh, registry: cli.registry, together, ...trust });
  const failures = checks.filter(({ verdict }) => verdict === 'fail');
  const plan = await dryRun(domains, options);
  const refused = failures.length > 0 || plan.refused;
  if (refused) cli.exitCode = exitCodes.refused;
  if (json) {
    cli.json({ schema: 1, dryRun: true, strategy, linkBytesPerSecond, ...plan, refused, checks });
    return;
  }
  for (const check of checks) if (check.verdict !== 'pass') cli.note(...checkLines(check));
  show(cli, plan, strategy);
  if (plan.refused) {
    const pause = formatDuration(plan.predicted.downtimeMs.likely);
    cli.note(`It would be refused: a pause of ${pause} is predicted, longer than ${formatDuration(maxDowntimeMs!)}.`);
  }
  if (failures.length > 0) cli.note(`It would be refused: ${failures.length} of ${checks.length} checks failed.`);
  cli.note(`Nothing was moved.`);
}

function show(cli: Cli, { predicted, domains }: DryRun, strategy: string): void {
  cli.table({
    columns: [
      { title: 'DOMAIN' },
      { title: 'PRESENT', align: 'right' },
      { title: 'SENT', align: 'right' },
      { title: 'COMPLETION', align: 'right' },
      { title: 'DOWNTIME', align: 'right' },
    ],
    rows: domains.map(({ name, presentBytes, predicted }) => [
      name,
      formatSize(presentBytes),
      range(predicted.trafficBytes, formatSize),
      range(predicted.completionMs, formatDuration),
      range(predicted.downtimeMs, formatDuration),
    ]),
  });
  cli.result(
    `${strategy}: predicted ${range(predicted.completionMs, formatDuration)}, ` +
      `traffic ${range(predicted.trafficBytes, formatSize)}, downtime ${range(predicted.downtimeMs, formatDuration)}; ` +
      'the ranges hold for 8 of 10',
  );
}

function range({ low, likely, high }: Interval, format: (value: number) => string): string {
  return `${format(likely)} (${format(low)} to ${format(high)})`;
}
