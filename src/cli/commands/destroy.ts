import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { domainNames } from '../options.ts';
import { verb } from '../verb.ts';

export function destroyCommand(cli: Cli): Command {
  return verb('destroy', 'End domains. Their memory is lost.', ['vmbuddies destroy web app db'])
    .argument('<domain...>', 'names of the domains', domainNames)
    .option('--force', 'even while a migration is under way, which then fails')
    .action(async (names: string[], { force = false }: { readonly force?: boolean }) => {
      await withDomains(cli, names, async (domains) => {
        for (const domain of domains) {
          await domain.destroy({ force });
          cli.note(`${domain.name} is destroyed.`);
        }
      });
    });
}
