import type { Command } from 'commander';
import { VmbuddiesError } from '../../index.ts';
import { sshFlag } from '../../transfer/transport.ts';
import { quoteWord } from '../../transfer/words.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { exitCodes } from '../exit-codes.ts';
import { destination, domainNames } from '../options.ts';
import { isXen, preflight } from '../preflight.ts';
import { checkLines } from '../render/checks.ts';
import { verb } from '../verb.ts';
import { remoteHost, sshOption } from '../xen-options.ts';

interface PreflightOptions {
  readonly to: string;
  readonly ssh?: string;
  readonly json?: boolean;
}

export function preflightCommand(cli: Cli): Command {
  return verb('preflight', 'Check whether Xen domains can move to another host together. Moves nothing.', [
    'vmbuddies preflight web app db --to other-host',
    'vmbuddies preflight web --to root@10.0.0.2 --json',
  ])
    .argument('<domain...>', 'names of the domains', domainNames)
    .requiredOption('--to <host>', 'the destination, as ssh takes it', destination)
    .addOption(sshOption())
    .option('--json', 'one JSON object: {"schema":1,"passed":…,"checks":[…]}')
    .addHelpText('after', '\nExits with 0 if no check fails (notes do not count), with 3 if one does.\n')
    .action((names: string[], options: PreflightOptions) =>
      withDomains(cli, names, async (domains) => {
        const { to, ssh = null, json = false } = options;
        const xen = domains.filter(isXen);
        if (xen.length < domains.length) {
          throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'process domains need no preflight, only Xen domains do');
        }
        for (const domain of xen) domain.checkDestination(to, ssh);
        const checks = await preflight({ domains: xen, destination: remoteHost(options), together: true });
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
            : `Nothing stands in the way: vmbuddies migrate ${names.map(quoteWord).join(' ')} --to ${quoteWord(to)}${sshFlag(options)}`,
        );
      }),
    );
}
