import type { Command } from 'commander';
import { formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { someSize } from '../options.ts';
import { verb } from '../verb.ts';

export function balloonCommand(cli: Cli): Command {
  return verb('balloon', 'Set how much memory a domain has, and wait until it has.', [
    'vmbuddies balloon web 512MiB',
    'vmbuddies balloon xen:web 1GiB            no more than it was made with',
  ])
    .argument('<domain>', 'name of the domain')
    .argument('<size>', 'as in 512MiB; it is left at least what it uses', someSize)
    .action(async (name: string, targetBytes: number) => {
      await withDomains(cli, [name], async (domains) => {
        for (const domain of domains) cli.note(`${domain.name} has ${formatSize(await domain.balloon(targetBytes))}.`);
      });
    });
}
