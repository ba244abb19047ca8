import type { Command } from 'commander';
import { describeScenario, scenarioTable } from '../../demo/describe.ts';
import { type DemoWatcher, runDemo } from '../../demo/run.ts';
import { createScenario, parseScale, type Scenario } from '../../demo/scenario.ts';
import { type GroupOutcome, type StrategyName, strategies } from '../../index.ts';
import { comparisonTable } from '../../report/comparison.ts';
import { demoReport } from '../../report/json.ts';
import { groupLine } from '../../report/outcome.ts';
import type { Cli } from '../cli.ts';
import { exitCodeOfOutcome, exitCodes } from '../exit-codes.ts';
import { type Interruption, interruptible } from '../interrupt.ts';
import { optionWithDefault, rate, reading, wholeNumber } from '../options.ts';
import { showProgress } from '../render/progress.ts';
import { bold } from '../text.ts';
import { verb } from '../verb.ts';
import { strategyHelp, strategyOption } from './migrate.ts';

interface DemoOptions {
  readonly compare: readonly StrategyName[];
  readonly strategy?: StrategyName;
  readonly scale: number;
  readonly link: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function demoCommand(cli: Cli): Command {
  return verb(
    'demo',
    'Move a three-tier application from one side of a slow link to the other, on this machine alone.',
    [
      'vmbuddies demo',
      'vmbuddies demo --compare ns,oba+mo,turns --scale 1/16',
      'vmbuddies demo --strategy turns --link 1Gbit/s --json',
    ],
  )
    .addOption(optionWithDefault('--compare <names>', 'strategies to run one after another', strategyNames, 'ns,turns'))
    .addOption(strategyOption().conflicts('compare'))
    .addOption(optionWithDefault('--scale <share>', "memory as a share of the paper's 1 GiB each", scale, '1/8'))
    .addOption(optionWithDefault('--link <rate>', 'bandwidth of the link; dirty rates follow it', rate, '400Mbit/s'))
    .addOption(
      optionWithDefault('--seed <n>', 'seed of the first guest; the others have the next numbers', wholeNumber, '1'),
    )
    .option('--json', 'one JSON object: {"schema":1,"scenario":…,"runs":[…]}')
    .addHelpText('after', strategyHelp())
    .action(async (options: DemoOptions) => {
      const scenario = createScenario({ scale: options.scale, linkBytesPerSecond: options.link, seed: options.seed });
      cli.note(...describeScenario(scenario).split('\n'));
      cli.noteTable(scenarioTable(scenario));
      const compared = options.strategy === undefined ? options.compare : [options.strategy];
      const outcomes = await interruptible(cli, announcement, (interruption) =>
        runAll(cli, scenario, compared, interruption),
      );
      if (options.json) cli.json(demoReport(scenario, outcomes));
      else if (outcomes.length > 0) cli.table(comparisonTable(outcomes));
    });
}

const announcement =
  'Giving up: the migration under way is undone and every guest is removed. Press Ctrl-C again to quit immediately.';

const scale = reading(parseScale);

const strategyNames = reading((text) => {
  const names = text.split(',').map((name) => name.trim());
  const known = strategies.map(({ name }) => name);
  return names.map((name) => {
    const strategy = known.find((one) => one === name);
    if (strategy === undefined) throw new Error(`there is no strategy '${name}'; there are ${known.join(', ')}`);
    return strategy;
  });
});

/** Sets the exit code to that of the first run that did not end well, and runs no more after it. */
async function runAll(
  cli: Cli,
  scenario: Scenario,
  compared: readonly StrategyName[],
  interruption: Interruption,
): Promise<GroupOutcome[]> {
  const outcomes: GroupOutcome[] = [];
  for (const strategy of compared) {
    cli.note('', bold(strategy));
    const outcome = await runOne(cli, scenario, strategy, interruption);
    if (outcome === null) break;
    outcomes.push(outcome);
    cli.noteProse(groupLine(outcome));
    if (outcome.outcome !== 'committed') {
      if (interruption.by === null) cli.exitCode = exitCodeOfOutcome(outcome, null);
      cli.note(`vmbuddies: ${outcome.reason ?? outcome.outcome}`);
      cli.note('Every guest of the demo was removed.');
      break;
    }
    if (!outcome.domains.every((domain) => domain.verified === true)) cli.exitCode = exitCodes.failed;
  }
  return outcomes;
}

/** null when it was interrupted outside the migration itself. */
async function runOne(
  cli: Cli,
  scenario: Scenario,
  strategy: StrategyName,
  { signal }: Interruption,
): Promise<GroupOutcome | null> {
  const watcher: DemoWatcher = {
    migrating: (run) => showProgress(cli, run),
    verified: (domain, { passed, message }) =>
      cli.note(`${domain}: ${passed ? 'verified' : 'NOT VERIFIED'}, ${message}`),
  };
  try {
    return await runDemo(scenario, strategy, watcher, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}
