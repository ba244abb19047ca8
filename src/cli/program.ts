import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { VmbuddiesError } from '../errors.ts';
import { InvalidFileError } from '../files/invalid-file.ts';
import { Cli, type Host } from './cli.ts';
import { type ExitCode, exitCodeOfError, exitCodes } from './exit-codes.ts';

/**
 * In the order in which somebody new meets them. Each is loaded when it is asked for: starting Node and reading what is
 * not needed is most of what a short command takes.
 */
const verbs: Readonly<Record<string, () => Promise<(cli: Cli) => Command>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  start: async () => (await import('./commands/start.ts')).startCommand,
  list: async () => (await import('./commands/list.ts')).listCommand,
  measure: async () => (await import('./commands/measure.ts')).measureCommand,
  wws: async () => (await import('./commands/wws.ts')).wwsCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  group: async () => (await import('./commands/group.ts')).groupCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  reproduce: async () => (await import('./commands/reproduce.ts')).reproduceCommand,
  schema: async () => (await import('./commands/schema.ts')).schemaCommand,
  receive: async () => (await import('./commands/receive.ts')).receiveCommand,
  preflight: async () => (await import('./commands/preflight.ts')).preflightCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  balloon: async () => (await import('./commands/balloon.ts')).balloonCommand,
  resume: async () => (await import('./commands/resume.ts')).resumeCommand,
  destroy: async () => (await import('./commands/destroy.ts')).destroyCommand,
  sweep: async () => (await import('./commands/sweep.ts')).sweepCommand,
};

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
    await (await program(cli, args)).parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const { message } = error as Error;
    // Each problem of a file begins with its own place.
    cli.note(error instanceof InvalidFileError ? message : `vmbuddies: ${oneLine(message)}`);
    return exitCodeOfError(VmbuddiesError.from(error));
  }
}

async function program(cli: Cli, args: readonly string[]): Promise<Command> {
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
  for (const makeVerb of await verbsOf(args)) top.addCommand(makeVerb(cli));
  for (const command of [top, ...top.commands]) settle(command, cli);
  return top;
}

/** Whatever verbs these words can mean; all of them, for the help and for what is like a mistyped one, where there is none. */
async function verbsOf(args: readonly string[]): Promise<((cli: Cli) => Command)[]> {
  const named = Object.keys(verbs).filter((name) => args.includes(name));
  const wanted = named.length > 0 ? named : Object.keys(verbs);
  return await Promise.all(wanted.map((name) => verbs[name]!()));
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
