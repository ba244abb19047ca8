import type { Command } from 'commander';
import { listDomains } from '../../index.ts';
import type { Cli } from '../cli.ts';
import { showDomains } from '../render/domain-tables.ts';
import { verb } from '../verb.ts';

export function listCommand(cli: Cli): Command {
  return verb('list', "List the domains of this host: Xen's, where it runs Xen, and processes.", [
    'vmbuddies list',
    'vmbuddies list --json',
  ])
    .option('--json', 'one JSON object: {"schema":1,"domains":[…]}')
    .action((options: { json?: boolean }) => {
      const domains = listDomains(cli.where);
      if (options.json) {
        cli.json({ schema: 1, domains });
      } else if (domains.length === 0) {
        cli.note(`No domains here. Start one: vmbuddies start NAME${cli.registryFlag}`);
      } else {
        showDomains(cli, domains);
      }
    });
}
