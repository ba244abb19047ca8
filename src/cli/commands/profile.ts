import type { Command } from 'commander';
import { applicationContents, applicationText } from '../../files/application-text.ts';
import { profileDomains } from '../../plan/live.ts';
import { maxProfileMs } from '../../simulate/limits.ts';
import { formatDuration } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { interruptible } from '../interrupt.ts';
import { domainNames, optionWithDefault, timeBetween } from '../options.ts';
import { cut } from '../text.ts';
import { verb } from '../verb.ts';

interface ProfileCommandOptions {
  readonly for: number;
  readonly name: string;
  readonly json?: boolean;
}

/** How often it is told how far it is: where someone watches, and in a log. */
const liveMs = 250;
const logMs = 10_000;

export function profileCommand(cli: Cli): Command {
  return verb('profile', 'Watch running domains and print an application file of them, for "plan" and "group".', [
    'vmbuddies profile web app db > shop.yaml && vmbuddies plan shop.yaml --link 1Gbit/s',
    'vmbuddies profile web app db --for 2min --name shop > shop.yaml',
  ])
    .argument('<domain...>', 'names of the domains', domainNames)
    .addOption(optionWithDefault('--for <time>', 'how long to watch', timeBetween(1, maxProfileMs), '30s'))
    .option('--name <name>', 'of the application', 'application')
    .option('--json', 'the same contents as one line of JSON, which is YAML too')
    .addHelpText(
      'after',
      '\nPhases that alternate are found if three of them fit into the time. What the domains send each other is not seen:\n' +
        'add "flows" by hand. Ctrl-C prints what was seen until then.\n',
    )
    .action((names: string[], { for: durationMs, name, json = false }: ProfileCommandOptions) =>
      withDomains(cli, names, (domains) =>
        interruptible(cli, 'Stopping; the domains run on.', async ({ signal }) => {
          const end = showTime(cli, names, durationMs);
          let application: Awaited<ReturnType<typeof profileDomains>>;
          try {
            application = await profileDomains(domains, { name, durationMs, signal });
          } finally {
            end();
          }
          if (json) {
            cli.json(applicationContents(application));
            return;
          }
          const seen = formatDuration(Math.min(durationMs, end.sinceMs()));
          const comments = [`${names.join(', ')}: watched for ${seen} by "vmbuddies profile".`];
          comments.push(
            'flows, what the domains send each other, cannot be seen from here: add them where they matter.',
          );
          cli.result(...applicationText(application, comments).trimEnd().split('\n'));
        }),
      ),
    );
}

/** Tells how far it is until the returned function is called. */
function showTime(cli: Cli, names: readonly string[], durationMs: number) {
  const begin = performance.now();
  const sinceMs = () => performance.now() - begin;
  const { region } = cli;
  const line = () => {
    const seconds = Math.min(Math.floor(sinceMs() / 1000) * 1000, durationMs);
    return `profiling ${names.join(', ')}: ${formatDuration(seconds)} of ${formatDuration(durationMs)}`;
  };
  const tell = () => (region ? region.draw([cut(line(), region.size.columns - 1)]) : cli.progress(line()));
  tell();
  const timer = setInterval(tell, region ? liveMs : logMs);
  const end = () => {
    clearInterval(timer);
    region?.draw([]);
  };
  return Object.assign(end, { sinceMs });
}
