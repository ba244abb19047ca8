import { type Command, Option } from 'commander';
import {
  type Domain,
  type GroupOptions,
  type GroupOutcome,
  type GroupRun,
  listDomains,
  migrateGroup,
  type StrategyName,
  strategies,
  VmbuddiesError,
} from '../../index.ts';
import { pauseToleranceMs } from '../../migrate/group-options.ts';
import { groupReport } from '../../report/json.ts';
import { domainsTable, groupLine } from '../../report/outcome.ts';
import type { Check } from '../../transfer/check.ts';
import { sshFlag } from '../../transfer/transport.ts';
import { formatDuration } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { withDomains } from '../domains.ts';
import { rehearse } from '../dry-run.ts';
import { type EndingSignal, type ExitCode, exitCodeOfOutcome, exitCodeOfSignal, exitCodes } from '../exit-codes.ts';
import { type Interruption, interruptible } from '../interrupt.ts';
import { destination, domainNames, maxDowntimeOption, optionWithDefault, rate, someTime } from '../options.ts';
import { type PeerFlags, peerOptions, protection } from '../peer-options.ts';
import { cleared, isXen } from '../preflight.ts';
import { showProgress } from '../render/progress.ts';
import { verb } from '../verb.ts';
import { list, whereabouts } from '../whereabouts.ts';
import { refuseMeaningless, remoteHost, type XenOptions, xenGroupOptions, xenOptions } from '../xen-options.ts';
import { unwatched } from '../xen-recovery.ts';

interface MigrateOptions extends XenOptions, PeerFlags {
  readonly to: string;
  readonly link: number;
  readonly strategy: StrategyName;
  readonly profile: number;
  readonly maxDowntime?: number;
  readonly suspendTimeout?: number;
  readonly dryRun?: true;
  readonly json?: boolean;
}

export function migrateCommand(cli: Cli): Command {
  const command = verb('migrate', 'Move domains to another host: all of them, or none.', [
    'vmbuddies migrate web app db --to other-host --link 1Gbit/s         Xen domains, through ssh',
    'vmbuddies migrate web app db --to 127.0.0.1:7070                    process domains',
    'vmbuddies migrate web app db --to 192.0.2.7:7070 --secret-file ~/secret  the same, to another machine',
    'vmbuddies migrate web app db --to [::1]:7070 --max-downtime 300ms --json',
  ])
    .argument('<domain...>', 'names of the domains', domainNames)
    .requiredOption(
      '--to <host>',
      'Xen: the destination as ssh takes it; process domains: HOST:PORT, where "vmbuddies receive" listens',
      destination,
    )
    .addOption(
      optionWithDefault('--link <rate>', 'what the migrations may use of the link, together', rate, '400Mbit/s'),
    )
    .addOption(strategyOption('turns'))
    .addOption(
      optionWithDefault('--profile <time>', 'how long to measure the domains before they move', someTime, '2s'),
    )
    .addOption(maxDowntimeOption())
    .option(
      '--suspend-timeout <time>',
      'how long a guest may take to suspend (default: 60s for Xen domains, 5s for process domains)',
      someTime,
    )
    .option('--dry-run', 'check, measure and predict exactly this; move nothing')
    .option('--json', 'one JSON object about the group and each domain')
    .addHelpText('after', strategyHelp())
    .addHelpText('after', exitCodeHelp);
  for (const option of [...peerOptions(), ...xenOptions()]) command.addOption(option);
  return command.action((names: string[], options: MigrateOptions) =>
    withDomains(cli, names, async (domains) => {
      refuseMeaningless(domains, options);
      for (const domain of domains) domain.checkDestination(options.to, options.ssh ?? null);
      await interruptible(cli, announcement, async (interruption) => {
        if (options.dryRun) {
          const { signal } = interruption;
          const together = strategies.find(({ name }) => name === options.strategy)!.synchronised;
          const rehearsal = { domains, options: { ...groupOptions(options), signal }, together };
          await rehearse(cli, { ...rehearsal, json: options.json === true });
          return;
        }
        const { isClear, checks } = await mayMove(cli, domains, options);
        if (isClear && !interruption.signal.aborted) await migrate(cli, { names, domains, options, interruption });
        else stay(cli, { domains, options, interruption, checks });
      });
    }),
  );
}

const exitCodeHelp = `
Exit codes:
  0         every guest runs at the destination
  1, 5      every guest runs on here: it failed, or would have broken a limit
  3         every guest runs on here, and nothing was sent: a check or a limit stood in the way
  4         some run there, some here: the output says which
  6         of some guest it is unknown where it runs: run "vmbuddies recover"
  2, 69     nothing was tried: bad usage, or something is missing on this machine
  130, 143  interrupted; every guest runs on here
  129       hung up, as when the terminal is closed; every guest runs on here
With --dry-run nothing moves: 0 says that this call would begin, 3 that it would be refused.
`;

const announcement =
  'Giving up: every domain stays at the source unless it has been handed over already. Press Ctrl-C again to quit immediately.';

/** Of process domains nothing can be known beforehand: their receiver says no before they send a byte. */
async function mayMove(cli: Cli, domains: readonly Domain[], options: MigrateOptions) {
  const xen = domains.filter(isXen);
  const together = strategies.find(({ name }) => name === options.strategy)!.synchronised;
  if (options.skipPreflight || xen.length === 0) return { isClear: true, checks: [] };
  return await cleared(cli, { domains: xen, destination: remoteHost(options), together });
}

interface Staying {
  readonly domains: readonly Domain[];
  readonly options: MigrateOptions;
  readonly interruption: Interruption;
  readonly checks: readonly Check[];
}

/** Ends where nothing was begun: a check failed, or the user interrupted the checks. */
function stay(cli: Cli, { domains, options, interruption, checks }: Staying): void {
  cli.note(`${list(domains.map(({ name }) => name))}: here at the source, as before.`);
  if (options.json !== true) return;
  const failed = checks.filter(({ verdict }) => verdict === 'fail').length;
  const reason =
    interruption.by === null ? `${failed} of ${checks.length} checks failed` : `interrupted by ${interruption.by}`;
  const refusal = { operation: 'preflight', where: 'source' } as const;
  const error = interruption.by === null ? new VmbuddiesError('ERR_VMBUDDIES_REFUSED', reason, refusal) : null;
  const members = domains.map(({ name, kind }) => ({ name, kind, where: 'source' }));
  const outcome = { strategy: options.strategy, outcome: 'aborted', where: 'source', reason, error };
  cli.json({ schema: 1, ...outcome, trafficBytes: 0, domains: members, checks });
}

function groupOptions(options: MigrateOptions): GroupOptions {
  return {
    to: options.to,
    linkBytesPerSecond: options.link,
    strategy: options.strategy,
    profileMs: options.profile,
    ...(options.maxDowntime !== undefined && { maxDowntimeMs: options.maxDowntime }),
    ...(options.suspendTimeout !== undefined && { suspendTimeoutMs: options.suspendTimeout }),
    ...protection(options),
    ...(options.secretFile !== undefined && { secretFile: options.secretFile }),
    ...xenGroupOptions(options),
  };
}

interface Departure {
  readonly names: readonly string[];
  readonly domains: readonly Domain[];
  readonly options: MigrateOptions;
  readonly interruption: Interruption;
}

async function migrate(cli: Cli, { names, domains, options, interruption }: Departure): Promise<void> {
  const { to } = options;
  await using run = migrateGroup([...domains], groupOptions(options));
  interruption.signal.addEventListener('abort', () => run.abort(`interrupted by ${interruption.by}`), { once: true });
  interruption.lastWords = (signal) => quit(cli, { run, domains, to }, signal);
  // The outcome is what counts, also where it could not be watched.
  await showProgress(cli, run).catch((error: Error) => cli.note(`vmbuddies: progress is not shown: ${error.message}`));
  const outcome = await run.result;
  interruption.lastWords = null;
  cli.exitCode = exitCodeOfOutcome(outcome, interruption.by);
  show(cli, outcome, options.json === true);
  if (outcome.outcome === 'committed') {
    const { maxDowntime: budget } = options;
    const pauseMs = Math.max(...outcome.domains.map(({ downtimeMs }) => downtimeMs));
    if (budget !== undefined && pauseMs > budget) {
      const late =
        pauseMs > budget + pauseToleranceMs
          ? 'COMMIT was recorded in time, and the destination answered late'
          : `within the tolerance of ${formatDuration(pauseToleranceMs)}`;
      cli.note(
        `The longest downtime, ${formatDuration(pauseMs)}, is over the budget of ${formatDuration(budget)}: ${late}.`,
      );
    }
    cli.note(`Every domain runs at ${to}.`);
    return;
  }
  const xen = domains[0]?.kind === 'xen' ? remoteHost(options) : null;
  const flags = xen === null ? cli.registryFlag : sshFlag(options);
  cli.note(`vmbuddies: ${outcome.reason ?? outcome.outcome}`);
  if (xen !== null) for (const note of unwatched(outcome)) cli.note(note);
  cli.note(...whereabouts(outcome, { destination: to, flags, typed: names, xen }).split('\n'));
}

interface Quitting {
  readonly run: GroupRun;
  readonly domains: readonly Domain[];
  readonly to: string;
}

/** Ends without waiting for the group. Only what is looked up now, or was confirmed before, is said of a guest. */
function quit(cli: Cli, { run, domains, to }: Quitting, signal: EndingSignal): ExitCode {
  const { phase, domains: members } = run.status();
  if (phase === 'finished' && members.every(({ activity }) => activity === 'committed')) {
    cli.note(`Every domain runs at ${to}.`);
    return exitCodes.done;
  }
  const names = list(domains.map(({ name }) => name));
  const isPlural = domains.length > 1;
  if (phase !== 'committing' && phase !== 'finished' && allRunHere(cli, domains)) {
    cli.note(
      `${names} ${isPlural ? 'run' : 'runs'} on here at the source.`,
      `To give back ballooned memory and remove the record: vmbuddies recover${cli.registryFlag}`,
    );
    return exitCodeOfSignal(signal);
  }
  const why =
    phase === 'committing'
      ? 'COMMIT is recorded, and this command did not wait for its answer'
      : 'the group was on its way';
  cli.note(
    `vmbuddies: where ${names} ${isPlural ? 'run' : 'runs'} is UNKNOWN: ${why}.`,
    `To look, and to bring ${isPlural ? 'each' : 'it'} to where it belongs: vmbuddies recover${cli.registryFlag}`,
  );
  return exitCodes.unknown;
}

function allRunHere(cli: Cli, domains: readonly Domain[]): boolean {
  try {
    const here = listDomains(cli.where);
    return domains.every((domain) =>
      here.some(({ kind, name, state }) => kind === domain.kind && name === domain.name && state === 'running'),
    );
  } catch {
    return false;
  }
}

function show(cli: Cli, outcome: GroupOutcome, json: boolean): void {
  if (json) {
    cli.json(groupReport(outcome));
    return;
  }
  cli.table(domainsTable(outcome));
  cli.resultProse(groupLine(outcome));
}

export function strategyOption(standard?: StrategyName): Option {
  const option = new Option('--strategy <name>', 'how the link is shared and when each domain stops; see below');
  return option.choices(strategies.map(({ name }) => name)).default(standard);
}

export function strategyHelp(): string {
  const width = Math.max(...strategies.map(({ name }) => name.length));
  return `\nStrategies:\n${strategies.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}\n`).join('')}`;
}
