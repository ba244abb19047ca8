import type { Command } from 'commander';
import { readApplicationFile } from '../../files/read-file.ts';
import { planMigration } from '../../plan/plan-migration.ts';
import { predictionsTable } from '../../report/planning.ts';
import { warningText } from '../../report/warnings.ts';
import type { StrategyName } from '../../strategy/strategy.ts';
import { formatDuration, formatRate } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { limitedRate, maxDowntimeOption, optionWithDefault, share, someNumber, time, wholeNumber } from '../options.ts';
import { verb } from '../verb.ts';
import { strategyHelp, strategyOption } from './migrate.ts';

interface PlanCommandOptions {
  readonly link: number;
  readonly latency: number;
  readonly strategy?: StrategyName;
  readonly maxDowntime?: number;
  readonly runs: number;
  readonly seed: number;
  readonly error: number;
  readonly json?: boolean;
}

export function planCommand(cli: Cli): Command {
  return verb('plan', 'Predict what moving an application would cost under each strategy. Moves nothing.', [
    'vmbuddies plan shop.yaml --link 40Mbit/s',
    'vmbuddies plan shop.yaml --link 1Gbit/s --latency 20ms --strategy turns --max-downtime 300ms',
    'vmbuddies plan shop.yaml --link 40Mbit/s --json | jq .predictions',
  ])
    .argument('<file>', 'an application file: see docs/application-files.md')
    .requiredOption('--link <rate>', 'what the migrations may use of the link, together', limitedRate)
    .addOption(optionWithDefault('--latency <time>', 'of the link, one way', time, '0ms'))
    .addOption(strategyOption())
    .addOption(maxDowntimeOption())
    .addOption(optionWithDefault('--runs <n>', 'simulated migrations for each strategy', someNumber, '20'))
    .addOption(optionWithDefault('--seed <n>', 'of what differs from run to run', wholeNumber, '1'))
    .addOption(optionWithDefault('--error <share>', "how far off the file's write rates may be", share, '0.1'))
    .option('--json', 'one JSON object: a prediction for each strategy, and the warnings')
    .addHelpText('after', strategyHelp())
    .action(async (file: string, options: PlanCommandOptions) => {
      const application = await readApplicationFile(file);
      const { link, latency, strategy, maxDowntime, runs, seed, error } = options;
      const plan = await planMigration(application, {
        linkBytesPerSecond: link,
        latencyMs: latency,
        runs,
        seed,
        rateError: error,
        ...(strategy !== undefined && { strategies: [strategy] }),
        ...(maxDowntime !== undefined && { maxDowntimeMs: maxDowntime }),
      });
      if (options.json) {
        const { name } = application;
        cli.json({ schema: 1, application: name, linkBytesPerSecond: link, latencyMs: latency, runs, seed, ...plan });
        return;
      }
      cli.result(
        `${application.name}: ${application.domains.length} domains over ${formatRate(link)}, ` +
          `${formatDuration(latency)} one way; median of ${runs} simulated runs, and where 8 of 10 lay`,
      );
      cli.table(predictionsTable(plan.predictions));
      if (maxDowntime !== undefined && plan.predictions.some(({ overBudget }) => overBudget)) {
        cli.result(
          `! the pause is over the budget of ${formatDuration(maxDowntime)} in some runs: such a group is aborted`,
        );
      }
      for (const warning of plan.warnings) cli.result(`warning: ${warningText(warning)}`);
      for (const { strategy, committed, runs, reason } of plan.predictions) {
        if (committed < runs)
          cli.result(`warning: ${strategy} gave up in ${runs - committed} of ${runs} runs: ${reason}`);
      }
    });
}
