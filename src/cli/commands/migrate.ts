import { type Command, Option } from 'commander';
import { type Domain, type GroupOutcome, migrateGroup, type StrategyName, strategies } from '../../index.ts';
import { groupReport } from '../../report/json.ts';
import { domainsTable, groupLine } from '../../report/outcome.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { exitCodeOfOutcome } from '../exit-codes.ts';
import { type Interruption, interruptible } from '../interrupt.ts';
import { domainNames, type Endpoint, endpoint, formatEndpoint, optionWithDefault, rate, someTime } from '../options.ts';
import { showProgress } from '../render/progress.ts';
import { renderTable } from '../render/table.ts';
import { verb } from '../verb.ts';
import { whereabouts } from '../whereabouts.ts';

interface MigrateOptions {
  readonly to: Endpoint;
  readonly link: number;
  readonly strategy: StrategyName;
  readonly maxDowntime?: number;
  readonly json?: boolean;
}

export function migrateCommand(cli: Cli): Command {
  return verb('migrate', 'Move domains to another host: all of them, or none.', [
    'vmbuddies migrate web app db --to 127.0.0.1:7070',
    'vmbuddies migrate web app db --to [::1]:7070 --link 1Gbit/s --max-downtime 300ms --json',
  ])
    .argument('<domain...>', 'names of the domains', domainNames)
    .requiredOption('--to <host:port>', 'where "vmbuddies receive" listens', endpoint({ allowAnyPort: false }))
    .addOption(
      optionWithDefault('--link <rate>', 'what the migrations may use of the link, together', rate, '400Mbit/s'),
    )
    .addOption(strategyOption('oba+mo'))
    .option('--max-downtime <time>', 'rather give up than pause a guest for longer than this', someTime)
    .option('--json', 'one JSON object about the group and each domain')
    .addHelpText('after', strategyHelp())
    .action((names: string[], options: MigrateOptions) =>
      withDomains(cli, names, (domains) =>
        interruptible(cli, announcement, (interruption) => migrate(cli, domains, options, interruption)),
      ),
    );
}

const announcement =
  'Giving up: every domain stays at the source unless it has been handed over already. Once more to quit at once.';

async function migrate(
  cli: Cli,
  domains: readonly Domain[],
  options: MigrateOptions,
  interruption: Interruption,
): Promise<void> {
  const destination = formatEndpoint(options.to);
  await using run = migrateGroup([...domains], {
    to: destination,
    linkBytesPerSecond: options.link,
    strategy: options.strategy,
    ...(options.maxDowntime !== undefined && { maxDowntimeMs: options.maxDowntime }),
  });
  interruption.signal.addEventListener('abort', () => run.abort(`interrupted by ${interruption.by}`), { once: true });
  await showProgress(cli, run);
  const outcome = await run.result;
  cli.exitCode = exitCodeOfOutcome(outcome, interruption.by);
  show(cli, outcome, options.json === true);
  if (outcome.outcome === 'committed') {
    cli.note(`Every domain runs at ${destination}.`);
  } else {
    cli.note(`vmbuddies: ${outcome.reason ?? outcome.outcome}`);
    cli.note(whereabouts(outcome, { destination, registryFlag: cli.registryFlag }));
  }
}

function show(cli: Cli, outcome: GroupOutcome, json: boolean): void {
  if (json) {
    cli.json(groupReport(outcome));
    return;
  }
  for (const line of renderTable(domainsTable(outcome), cli.style('stdout'))) cli.result(line);
  cli.result(groupLine(outcome));
}

export function strategyOption(standard?: StrategyName): Option {
  const option = new Option('--strategy <name>', 'how the link is shared and when each domain stops; see below');
  return option.choices(strategies.map(({ name }) => name)).default(standard);
}

export function strategyHelp(): string {
  const width = Math.max(...strategies.map(({ name }) => name.length));
  return `\nStrategies:\n${strategies.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}\n`).join('')}`;
}
