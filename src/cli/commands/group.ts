import { type Command, Option } from 'commander';
import { readApplicationFile } from '../../files/read-file.ts';
import { type ApplicationGroups, groupApplication } from '../../plan/group-application.ts';
import { groupsGraph } from '../../report/graphviz.ts';
import { cutLine, groupingReport, groupsTable, replicasLines, sequencesTable } from '../../report/grouping.ts';
import { formatRate } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { limitedRate, optionWithDefault, someNumber, wholeNumber } from '../options.ts';
import { verb } from '../verb.ts';

interface GroupCommandOptions {
  readonly k?: number;
  readonly maxParallel: number;
  readonly link: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly dot?: boolean;
}

export function groupCommand(cli: Cli): Command {
  return verb('group', 'Divide a large application into groups that move one after another. Moves nothing.', [
    'vmbuddies group shop.yaml --k 3',
    'vmbuddies group shop.yaml --max-parallel 4 --link 1Gbit/s --json',
    'vmbuddies group shop.yaml --dot | dot -Tsvg > shop.svg',
  ])
    .argument('<file>', 'an application file: see docs/application-files.md')
    .addOption(new Option('--k <n>', 'so many groups, about equally large').argParser(someNumber))
    .addOption(
      optionWithDefault('--max-parallel <n>', 'no more domains than this at once', someNumber, '4').conflicts('k'),
    )
    .addOption(
      optionWithDefault('--link <rate>', 'what the migrations may use of the link, together', limitedRate, '400Mbit/s'),
    )
    .addOption(optionWithDefault('--seed <n>', 'seed of the search, for more than 20 domains', wholeNumber, '1'))
    .option('--json', 'one JSON object: the groups, and beside them one by one and all at once')
    .addOption(new Option('--dot', "the application in Graphviz's language, each group a cluster").conflicts('json'))
    .action(async (file: string, { k, maxParallel, link, seed, json, dot }: GroupCommandOptions) => {
      const application = await readApplicationFile(file);
      const limit = k === undefined ? { maxParallel } : { groups: k };
      const groups = groupApplication(application, { limit, linkBytesPerSecond: link, seed });
      if (json) cli.json(groupingReport(application.name, link, groups));
      else if (dot) cli.result(...groupsGraph(application.name, groups.steps, application.flows).split('\n'));
      else {
        cli.result(`${application.name}: ${application.domains.length} domains over ${formatRate(link)}`);
        show(cli, groups);
      }
    });
}

function show(cli: Cli, groups: ApplicationGroups): void {
  const replicas = replicasLines(groups);
  cli.table(groupsTable(groups));
  cli.result(cutLine(groups), '');
  cli.table(sequencesTable(groups));
  if (replicas.length > 0) cli.result('', ...replicas);
}
