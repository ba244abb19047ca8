import type { Command } from 'commander';
import { readScenarioFile } from '../../files/read-file.ts';
import type { GroupOutcome, StrategyName } from '../../index.ts';
import { predictionOf } from '../../plan/prediction.ts';
import { type Scenario, simulateScenario } from '../../plan/scenario.ts';
import { comparisonTable } from '../../report/comparison.ts';
import { groupReport } from '../../report/json.ts';
import { domainsTable, groupLine } from '../../report/outcome.ts';
import { predictionsTable } from '../../report/planning.ts';
import { formatDuration, formatRate } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { someNumber, wholeNumber } from '../options.ts';
import { eventLine } from '../render/progress.ts';
import { bold } from '../text.ts';
import { verb } from '../verb.ts';

interface SimulateOptions {
  readonly runs?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

export function simulateCommand(cli: Cli): Command {
  return verb('simulate', 'Run a scenario on a virtual clock, with the code that moves real domains. Moves nothing.', [
    'vmbuddies simulate wan.yaml',
    'vmbuddies simulate wan.yaml --runs 20 --seed 7',
    'vmbuddies simulate failing-link.yaml --json | jq .runs[0].reason',
  ])
    .argument('<file>', 'a scenario file: see docs/application-files.md')
    .option('--runs <n>', "migrations for each strategy, in place of the file's number", someNumber)
    .option(
      '--seed <n>',
      "seed of the first, in place of the file's; each further one has the next number",
      wholeNumber,
    )
    .option('--json', 'one JSON object: {"schema":1,"scenario":…,"runs":[…]}')
    .addHelpText('after', '\nEnds with 0 if it could be simulated, also where the simulated migration failed.\n')
    .action(async (file: string, { json, ...changes }: SimulateOptions) => {
      const scenario: Scenario = { ...(await readScenarioFile(file)), ...changes };
      const runs = new Map<StrategyName, GroupOutcome[]>();
      for (const strategy of scenario.strategies) runs.set(strategy, await simulateRuns(cli, scenario, strategy));
      if (json) cli.json(simulationReport(scenario, runs));
      else show(cli, scenario, runs);
    });
}

/** A single run is told event by event; of many only the sum is. */
async function simulateRuns(cli: Cli, scenario: Scenario, strategy: StrategyName): Promise<GroupOutcome[]> {
  const { name, domains } = scenario.application;
  const losing = scenario.loss > 0 ? `, ${scenario.loss * 100} % lost` : '';
  const link = `${formatRate(scenario.linkBytesPerSecond)}, ${formatDuration(scenario.latencyMs)} one way${losing}`;
  cli.note([bold(strategy), `: ${name}, ${domains.length} domains over ${link}`]);
  const outcomes: GroupOutcome[] = [];
  for (let run = 0; run < scenario.runs; run++) {
    const { outcome, events } = await simulateScenario(scenario, strategy, run);
    outcomes.push(outcome);
    if (scenario.runs > 1) continue;
    for (const { atMs, event } of events) cli.note(`${(atMs / 1000).toFixed(3).padStart(9)} s  ${eventLine(event)}`);
    if (outcome.reason !== null) cli.note(`${strategy}: ${outcome.reason}`);
    if (scenario.strategies.length > 1) cli.noteProse(groupLine(outcome));
  }
  return outcomes;
}

function show(cli: Cli, { runs: count }: Scenario, runs: ReadonlyMap<StrategyName, readonly GroupOutcome[]>): void {
  const outcomes = [...runs.values()].flat();
  if (count > 1) cli.table(predictionsTable(Array.from(runs, ([strategy, own]) => predictionOf(strategy, own))));
  else if (outcomes.length > 1) cli.table(comparisonTable(outcomes));
  else {
    cli.table(domainsTable(outcomes[0]!));
    cli.resultProse(groupLine(outcomes[0]!));
  }
}

function simulationReport(scenario: Scenario, runs: ReadonlyMap<StrategyName, readonly GroupOutcome[]>): object {
  const { application, linkBytesPerSecond, latencyMs, loss, seed } = scenario;
  return {
    schema: 1,
    scenario: { application: application.name, linkBytesPerSecond, latencyMs, loss, seed, runs: scenario.runs },
    runs: [...runs.values()].flatMap((outcomes) =>
      outcomes.map((outcome, run) => ({ seed: seed + run, ...groupReport(outcome) })),
    ),
  };
}
