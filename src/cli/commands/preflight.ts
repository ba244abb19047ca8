import type { Command } from 'commander';
import { sshFlag } from '../../transfer/transport.ts';
import { quoteWord } from '../../transfer/words.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { exitCodes } from '../exit-codes.ts';
import { destination, domainNames } from '../options.ts';
import { type PeerFlags, peerFlagsText, peerOptions, protection } from '../peer-options.ts';
import { preflightAll } from '../preflight.ts';
import { checkLines } from '../render/checks.ts';
import { verb } from '../verb.ts';
import { refuseMeaningless, sshOption } from '../xen-options.ts';

interface PreflightOptions extends PeerFlags {
  readonly to: string;
  readonly ssh?: string;
  readonly json?: boolean;
}

export function preflightCommand(cli: Cli): Command {
  const command = verb('preflight', 'Check whether domains can move to another host together. Moves nothing.', [
    'vmbuddies preflight web app db --to other-host         Xen domains',
    'vmbuddies preflight web app db --to 127.0.0.1:7070     process domains',
    'vmbuddies preflight web --to root@10.0.0.2 --json',
  ])
    .argument('<domain...>', 'names of the domains', domainNames)
    .requiredOption(
      '--to <host>',
      'Xen: the destination as ssh takes it; process domains: HOST:PORT of a receiver',
      destination,
    )
    .addOption(sshOption())
    .option('--json', 'one JSON object: {"schema":1,"passed":…,"checks":[…]}')
    .addHelpText('after', '\nExits with 0 if no check fails (notes do not count), with 3 if one does.\n');
  for (const option of peerOptions()) command.addOption(option);
  return command.action((names: string[], options: PreflightOptions) =>
    withDomains(cli, names, async (domains) => {
      const { to, ssh = null, json = false } = options;
      refuseMeaningless(domains, options);
      for (const domain of domains) domain.checkDestination(to, ssh);
      const where = { to, ssh: options.ssh, registry: cli.registry, ...protection(options) };
      const checks = await preflightAll({ domains, ...where, together: true });
      const failures = checks.filter(({ verdict }) => verdict === 'fail').length;
      if (failures > 0) cli.exitCode = exitCodes.refused;
      if (json) {
        cli.json({ schema: 1, passed: failures === 0, checks });
        return;
      }
      for (const check of checks) cli.result(...checkLines(check));
      cli.note(
        failures > 0
          ? `${failures} of ${checks.length} checks failed.`
          : `Nothing stands in the way: vmbuddies migrate ${names.map(quoteWord).join(' ')} --to ${quoteWord(to)}${sshFlag(options)}${peerFlagsText(options)}${cli.registryFlag}`,
      );
    }),
  );
}
