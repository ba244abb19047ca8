import type { Command } from 'commander';
import { type DomainInfo, listDomains } from '../../index.ts';
import type { Column } from '../../report/table.ts';
import { formatDuration, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { renderTable } from '../render/table.ts';
import { verb } from '../verb.ts';

export function listCommand(cli: Cli): Command {
  return verb('list', 'List the domains of this host.', ['vmbuddies list', 'vmbuddies list --json'])
    .option('--json', 'one JSON object: {"schema":1,"domains":[…]}')
    .action((options: { json?: boolean }) => {
      const domains = listDomains(cli.where);
      if (options.json) {
        cli.json({ schema: 1, domains });
      } else if (domains.length === 0) {
        cli.note(`No domains here. Start one: vmbuddies start NAME${cli.registryFlag}`);
      } else {
        for (const line of domainTable(cli, domains)) cli.result(line);
      }
    });
}

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'MEMORY', align: 'right' },
  { title: 'PRESENT', align: 'right' },
  { title: 'WORKLOAD' },
  { title: 'WRITES', align: 'right' },
  { title: 'LONGEST STALL', align: 'right' },
  { title: 'CORRUPT', align: 'right' },
];

export function domainTable(cli: Cli, domains: readonly DomainInfo[]): string[] {
  const style = cli.style('stdout');
  const rows = domains.map((domain) => [
    domain.name,
    domain.state,
    formatSize(domain.memoryBytes),
    formatSize(domain.presentBytes),
    domain.workload.kind,
    String(domain.writes),
    formatDuration(domain.longestStallMs),
    domain.corruptPages === 0 ? '0' : style.red(String(domain.corruptPages)),
  ]);
  return renderTable({ columns, rows }, style);
}
