import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { Cli, type Host } from './cli.ts';
import { demoCommand } from './commands/demo.ts';
import { destroyCommand } from './commands/destroy.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listCommand } from './commands/list.ts';
import { measureCommand } from './commands/measure.ts';
import { migrateCommand } from './commands/migrate.ts';
import { preflightCommand } from './commands/preflight.ts';
import { receiveCommand } from './commands/receive.ts';
import { resumeCommand } from './commands/resume.ts';
import { startCommand } from './commands/start.ts';
import { sweepCommand } from './commands/sweep.ts';
import { wwsCommand } from './commands/wws.ts';
import { type ExitCode, exitCodeOfError, exitCodes } from './exit-codes.ts';

/** In the order in which somebody new meets them. */
const verbs = [
  demoCommand,
  doctorCommand,
  startCommand,
  listCommand,
  measureCommand,
  wwsCommand,
  receiveCommand,
  preflightCommand,
  migrateCommand,
  resumeCommand,
  destroyCommand,
  sweepCommand,
];

const introduction = `Moves the domains of a tiered application together.

Examples:
  $ vmbuddies demo                                            see it work, on this machine alone
  $ vmbuddies start --memory 256MiB --wws 64MiB web app db    three domains
  $ vmbuddies receive --registry /tmp/there                   another host (a folder stands for it)
  $ vmbuddies migrate web app db --to 127.0.0.1:7070          over there, all at once

On a Xen host, in domain 0 (a plain NAME means the Xen domain there; xen:NAME and process:NAME say which):
  $ vmbuddies measure db                                      how fast a guest dirties its memory
  $ vmbuddies preflight web app db --to other-host            whether anything stands in the way
  $ vmbuddies migrate web app db --to other-host              over there, all at once
`;

/** Runs `args` (without node and script) to its end and says what to exit with. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const cli = new Cli(host);
  try {
    await program(cli).parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    cli.note(`vmbuddies: ${oneLine((error as Error).message)}`);
    return exitCodeOfError(error);
  }
}

function program(cli: Cli): Command {
  const top = new Command('vmbuddies')
    .usage('VERB [options]')
    .addHelpText('before', introduction)
    .version(packageVersion(), '-V, --version', 'print the version')
    .commandsGroup('Verbs:')
    .addHelpCommand(new Command('help').argument('[verb]').description('print help for a verb').helpGroup('Verbs:'))
    .addOption(
      new Option(
        '--registry <dir>',
        'the folder that stands for this host: domains in one folder see each other (default: $VMBUDDIES_REGISTRY, ' +
          'else $XDG_RUNTIME_DIR/vmbuddies, else /tmp/vmbuddies-UID)',
      ),
    )
    .option('--no-color', 'no colours (they are off anyway where NO_COLOR is set, TERM is dumb, or nobody looks)')
    .hook('preAction', (_, action) => {
      const { color, registry } = action.optsWithGlobals<{ color: boolean; registry?: string }>();
      cli.color = color;
      cli.registry = registry;
    });
  for (const makeVerb of verbs) top.addCommand(makeVerb(cli));
  for (const command of [top, ...top.commands]) settle(command, cli);
  return top;
}

/** What commander does not hand down to commands that are made on their own. */
function settle(command: Command, cli: Cli): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => cli.host.stdout.write(text),
      writeErr: (text) => cli.host.stderr.write(text),
      outputError: (text, write) => write(`vmbuddies: ${oneLine(text.replace(/^error: /, ''))}\n`),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
