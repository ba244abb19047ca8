import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { domainNames } from '../options.ts';
import { verb } from '../verb.ts';

export function resumeCommand(cli: Cli): Command {
  return verb('resume', 'Let paused or suspended domains run on.', ['vmbuddies resume web'])
    .argument('<domain...>', 'names of the domains', domainNames)
    .action(async (names: string[]) => {
      await withDomains(cli, names, async (domains) => {
        for (const domain of domains) {
          await domain.resume();
          cli.note(`${domain.name} runs.`);
        }
      });
    });
}
