import type { Command } from 'commander';
import { type Swept, sweep } from '../../transfer/sweep.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { destination, domainNames } from '../options.ts';
import { verb } from '../verb.ts';
import { remoteHost, sshOption } from '../xen-options.ts';

interface SweepOptions {
  readonly to: string;
  readonly ssh?: string;
}

export function sweepCommand(cli: Cli): Command {
  return verb('sweep', 'Destroy the copies of Xen domains that broken migrations left on another host.', [
    'vmbuddies sweep web app db --to other-host',
  ])
    .argument('<domain...>', 'names of the domains, without --incoming', domainNames)
    .requiredOption('--to <host>', 'where the copies are, as ssh takes it', destination)
    .addOption(sshOption())
    .addHelpText(
      'after',
      '\nOnly a NAME--incoming that is paused and has never run is destroyed, and none while a migration is arriving\n' +
        'there. Exits with 3 if a copy was kept.\n',
    )
    .action(async (references: string[], options: SweepOptions) => {
      const names = references.map((reference) => reference.replace(/^xen:/, ''));
      const swept = await sweep(remoteHost(options), names);
      for (const one of swept) cli.note(sweptLine(one, options.to));
      if (swept.some(({ outcome }) => outcome === 'kept')) cli.exitCode = exitCodes.refused;
    });
}

function sweptLine({ name, outcome, reason }: Swept, host: string): string {
  switch (outcome) {
    case 'destroyed':
      return `${name}--incoming on ${host} is destroyed.`;
    case 'absent':
      return `There is no ${name}--incoming on ${host}.`;
    case 'kept':
      return `${name}--incoming on ${host} is kept: ${reason}.`;
  }
}
