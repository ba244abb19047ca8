import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { checkRegistry } from '../domains/registry.ts';
import { VmbuddiesError } from '../errors.ts';
import { InvalidFileError } from '../files/invalid-file.ts';
import { nearest } from '../files/nearest.ts';
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
  profile: async () => (await import('./commands/profile.ts')).profileCommand,
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
  recover: async () => (await import('./commands/recover.ts')).recoverCommandVerb,
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

/** Verbs after which guests are not as they were. What became of them is what the exit code says, whatever becomes of the output. */
const acting = new Set(['demo', 'start', 'receive', 'migrate', 'recover', 'balloon', 'resume', 'destroy', 'sweep']);

/** For a reader who has taken nothing for so long, a verb that acts on guests does not stay. */
const maxStallMs = 30_000;

/** Runs `args` (without node and script) to its end and says what to exit with. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const cli = new Cli(host);
  try {
    await (await program(cli, args)).parseAsync(args, { from: 'user' });
  } catch (error) {
    cli.exitCode = report(cli, error, args.includes('--json'));
  }
  await deliver(
    cli,
    args.some((word) => acting.has(word)),
  );
  return cli.exitCode;
}

/** Says on stderr what is wrong, and on stdout too where a program reads it. */
function report(cli: Cli, thrown: unknown, json: boolean): ExitCode {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.done;
  const isUsage = thrown instanceof CommanderError;
  const error = isUsage ? usageError(thrown) : VmbuddiesError.from(thrown);
  // Commander has said so itself. Each problem of a file begins with its own place.
  if (error instanceof InvalidFileError) cli.note(...error.lines);
  else if (!isUsage) cli.note(`vmbuddies: ${oneLine(error.message)}`);
  if (json) cli.json({ schema: 1, error });
  return isUsage ? exitCodes.usage : exitCodeOfError(error);
}

function usageError({ message }: CommanderError): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', oneLine(message.replace(/^error: /, '')));
}

/** Waits until everything is printed, or until that is hopeless. A verb whose result is lost has not done what it was asked for. */
async function deliver(cli: Cli, isActing: boolean): Promise<void> {
  const { stdout, stderr } = cli.host;
  const stallMs = isActing ? maxStallMs : Number.POSITIVE_INFINITY;
  await stdout.finish(stallMs);
  const { failure, lost } = stdout;
  // Who has read enough (`vmbuddies list | head -1`) has not lost anything.
  if (lost.result > 0 && failure?.code !== 'EPIPE') {
    if (cli.exitCode === exitCodes.done && !isActing) cli.exitCode = exitCodes.failed;
    const why = failure === null ? 'nobody reads it' : failure.message.replace(/^E\w+: |, write$/g, '');
    cli.note(
      `vmbuddies: ${lost.result} ${lost.result === 1 ? 'line' : 'lines'} of the result did not reach stdout: ${why}`,
    );
  }
  await stderr.finish(stallMs);
}

async function program(cli: Cli, args: readonly string[]): Promise<Command> {
  const top = new Command('vmbuddies')
    .usage('VERB [options]')
    .addHelpText('before', introduction)
    .version(packageVersion(), '-V, --version', 'print the version')
    .commandsGroup('Verbs:')
    .helpCommand(false)
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
      // doctor says so among all else that it finds.
      if (registry !== undefined && action.name() !== 'doctor') checkRegistry(registry);
    });
  for (const makeVerb of await verbsOf(args)) top.addCommand(makeVerb(cli));
  top.addCommand(helpCommand(top));
  for (const command of [top, ...top.commands]) settle(command, cli);
  return top;
}

/** Commander's own prints the general help where there is no such verb, as if that had been asked for. */
function helpCommand(top: Command): Command {
  return new Command('help')
    .argument('[verb]', 'which verb')
    .description('print help for a verb')
    .action((name: string | undefined) => {
      if (name === undefined) top.help();
      const verb = top.commands.find((command) => command.name() === name);
      if (verb !== undefined) verb.help();
      const near = nearest(name!, Object.keys(verbs));
      const hint = near === undefined ? 'vmbuddies help' : `did you mean ${near}?`;
      throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `there is no verb '${name}': ${hint}`);
    });
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
      writeOut: (text) => cli.result(...linesOf(text)),
      writeErr: (text) => cli.note(...linesOf(text)),
      outputError: (text) => cli.note(`vmbuddies: ${oneLine(text.replace(/^error: /, ''))}`),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
