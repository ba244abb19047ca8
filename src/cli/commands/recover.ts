import { resolve } from 'node:path';
import type { Command } from 'commander';
import { asideName } from '../../domains/aside.ts';
import { parseReference } from '../../domains/reference.ts';
import {
  type BalloonedDomains,
  type DestinationOf,
  type DomainInfo,
  leftBallooned,
  listDomains,
  openDomain,
  type RecoveredDomain,
  type RecoveryHints,
  recoverGroup,
  recoverMemory,
  type UnfinishedGroup,
  unfinishedGroups,
} from '../../index.ts';
import { trustOf } from '../../migrate/recover-group.ts';
import { forgetJournal } from '../../migrate/unfinished.ts';
import { quoteWord } from '../../transfer/words.ts';
import { formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { destination, domainNames } from '../options.ts';
import { type PeerFlags, peerOptions, protection } from '../peer-options.ts';
import { groupTitle, nextStep, recoverCommand, recoveredText } from '../recovery-text.ts';
import { verb } from '../verb.ts';

interface RecoverOptions extends PeerFlags {
  readonly to?: string;
  readonly runsThere?: string[];
  readonly resumeHere?: string[];
  readonly json?: boolean;
}

/** One line for people, and the same as data. */
interface Told {
  readonly lines: readonly string[];
  readonly json: unknown;
  readonly exitCode: number;
}

const describe = 'Find the guests of a migration that was killed or lost its answer, and do what is safe for each.';

export function recoverCommandVerb(cli: Cli): Command {
  const command = verb('recover', describe, [
    'vmbuddies recover',
    'vmbuddies recover web --registry /run/user/1000/vmbuddies',
    'vmbuddies recover web --runs-there web      after you have looked: its suspended source here is removed',
  ])
    .argument('[domain...]', 'only the groups that these domains belong to (default: all that were left)', domainNames)
    .option('--to <host>', 'ask the destination here, instead of where the record says', destination)
    .option('--runs-there <domain>', 'you know that it runs at the destination, or went on from there', domainNames)
    .option('--resume-here <domain>', 'you know that it does not run at the destination, and never will', domainNames)
    .option('--json', 'one JSON object: {"schema":1,"settled":…,"groups":[…],"memory":[…],"problems":[…]}')
    .addHelpText(
      'after',
      '\nLooks where each guest is now: here, and at the destination, which is asked. A source that stands still is resumed\n' +
        'only if its copy cannot run, and removed only if its copy does. A name is taken back from NAME--migratedaway,\n' +
        'ballooned memory is given back, and a record of which nothing is left to do is removed. For the rest the command\n' +
        'that is next is printed. What you say with --runs-there or --resume-here counts where the destination has no answer.\n' +
        '\nExit codes: 0 all is settled · 6 of some guest it is unknown where it runs · 1 something else is left to do\n',
    );
  for (const option of peerOptions()) command.addOption(option);
  return command.action(async (names: string[] | undefined, options: RecoverOptions) => {
    const told = await recoverAll(cli, names ?? [], options);
    const settled = told.every(({ exitCode }) => exitCode === exitCodes.done);
    const worst = told.find(({ exitCode }) => exitCode === exitCodes.unknown);
    if (!settled) cli.exitCode = worst ? exitCodes.unknown : exitCodes.failed;
    if (options.json) cli.json(jsonOf(told, settled));
    else if (told.length === 0) cli.note('There is nothing to recover.');
    else for (const line of told.flatMap(({ lines }) => lines)) cli.result(line);
  });
}

async function recoverAll(cli: Cli, names: readonly string[], options: RecoverOptions): Promise<Told[]> {
  const { secretFile, insecure, ...said } = options;
  const trust = protection({ ...(secretFile !== undefined && { secretFile }), ...(insecure && { insecure }) });
  const hints: RecoveryHints = { ...said, ...trust, ...cli.where };
  const isMeant = ({ domains, home }: UnfinishedGroup) =>
    (names.length === 0 || domains.some((name) => names.includes(name))) &&
    (cli.registry === undefined || home === null || home.registry === resolve(cli.registry));
  const { groups, spent, unreadable } = await unfinishedGroups();
  for (const journal of spent) await forgetJournal(journal);
  const told: Told[] = [];
  const gone = new Map<string, NonNullable<ReturnType<DestinationOf>>>();
  for (const group of groups.filter(isMeant)) {
    const domains = await recoverGroup(group, hints);
    if (domains === null) continue; // another process is at it, and tells
    told.push(tellGroup(group, domains, cli.registry));
    for (const { name, where } of domains) {
      if (where !== 'destination' || group.destination === null) continue;
      const { to, ssh } = group.destination;
      gone.set(name, { to: options.to ?? to, ssh, secret: trustOf(group, trust).secret });
    }
  }
  const recorded = new Set(groups.flatMap(({ domains }) => domains));
  for (const name of names.filter((each) => !recorded.has(each)))
    told.push(...(await recoverUnrecorded(cli, name, options)));
  for (const left of await leftBallooned()) {
    if (names.length === 0 || left.domains.some(({ reference }) => names.includes(reference.replace(/^\w+:/, '')))) {
      told.push(await tellMemory(left, (name) => gone.get(name), cli.registry));
    }
  }
  if (names.length === 0) for (const problem of unreadable) told.push(tellUnreadable(problem));
  return told;
}

function tellGroup(group: UnfinishedGroup, domains: readonly RecoveredDomain[], where: string | undefined): Told {
  const unsettled = domains.filter(({ settled }) => !settled);
  const next =
    unsettled.length === 0
      ? null
      : nextStep(
          group,
          unsettled.map(({ finding }) => finding),
          where,
        );
  const unknown = unsettled.some((domain) => domain.where === 'unknown');
  return {
    lines: [
      groupTitle(group),
      ...domains.map((domain) => `  ${recoveredText(domain, group)}`),
      ...(next === null
        ? ['  All is settled, and the record is removed.']
        : [`  ${next.advice}`, `    ${next.command}`]),
    ],
    json: {
      kind: 'group',
      journal: group.journal,
      decision: group.decision,
      destination: group.destination,
      registry: group.home?.registry ?? null,
      settled: next === null,
      next: next?.command ?? null,
      domains: domains.map(({ finding, ...domain }) => ({
        ...domain,
        text: recoveredText({ finding, ...domain }, group),
      })),
    },
    exitCode: next === null ? exitCodes.done : unknown ? exitCodes.unknown : exitCodes.failed,
  };
}

/** Somebody has removed the record of a migration that left its mark: only a person knows where that went. */
async function recoverUnrecorded(cli: Cli, name: string, options: RecoverOptions): Promise<Told[]> {
  const here: readonly DomainInfo[] = listDomains(cli.where);
  const left = here.find((domain) => domain.name === asideName(name));
  const told = (text: string, settled: boolean, next: string | null = null): Told[] => [
    {
      lines: next === null ? [text] : [text, `    ${next}`],
      json: { kind: 'leftover', name, settled, text, next },
      exitCode: settled ? exitCodes.done : exitCodes.unknown,
    },
  ];
  if (left === undefined)
    return told(`There is no record of a migration of ${name}, and nothing is left of one here.`, true);
  await using domain = openDomain(left.reference, cli.where);
  if (options.runsThere?.includes(name)) {
    await domain.destroy();
    return told(`${left.name} is removed.`, true);
  }
  if (options.resumeHere?.includes(name)) {
    await domain.resume();
    await domain.stepBack();
    return told(`${name} runs here again.`, true);
  }
  const command = recoverCommand(left.kind, null, [name], cli.registry);
  return told(
    `Where ${name} runs is UNKNOWN: ${left.name} is here, but no record of where it went. If ${name} runs nowhere else ` +
      '(--runs-there instead removes the leftover):',
    false,
    `${command} --resume-here ${quoteWord(name)}`,
  );
}

async function tellMemory(
  left: BalloonedDomains,
  destinationOf: DestinationOf,
  registry: string | undefined,
): Promise<Told> {
  const domains = await recoverMemory(left, destinationOf, registry);
  const lines = domains.map(({ before, presentBytes, outcome, reason }) => {
    const { reference } = before;
    const had = formatSize(before.presentBytes);
    if (outcome === 'given-back') return `${reference} has its memory back: ${had}.`;
    if (outcome === 'has-it') return `${reference} has its memory: ${had}.`;
    if (outcome === 'absent') {
      const { name } = parseReference(reference);
      const give = `vmbuddies balloon ${quoteWord(name)} ${Math.ceil(before.presentBytes / 1024)}KiB`;
      return `${reference} had ${had} before it was ballooned, and is no longer on this host. Where it is now: ${give}`;
    }
    return `${reference} has ${formatSize(presentBytes ?? 0)} of the ${had} it had: ${reason}`;
  });
  const failed = domains.some(({ outcome }) => outcome === 'failed');
  return {
    lines: failed ? [...lines, '  Once that is mended:', '    vmbuddies recover'] : lines,
    json: { kind: 'memory', file: left.file, settled: !failed, next: failed ? 'vmbuddies recover' : null, domains },
    exitCode: failed ? exitCodes.failed : exitCodes.done,
  };
}

function tellUnreadable({ journal, reason }: { journal: string; reason: string }): Told {
  const next = `rm ${/^-/.test(journal) ? '-- ' : ''}${quoteWord(journal)}`;
  const text = `${reason}: nothing it says can be relied on.`;
  return {
    lines: [
      text,
      `  See with "vmbuddies list" whether a NAME--migratedaway is left here; then remove the record:`,
      `    ${next}`,
    ],
    json: { kind: 'problem', journal, settled: false, text, next },
    exitCode: exitCodes.failed,
  };
}

function jsonOf(told: readonly Told[], settled: boolean): unknown {
  const of = (...kinds: string[]) =>
    told.map(({ json }) => json as { kind: string }).filter(({ kind }) => kinds.includes(kind));
  return { schema: 1, settled, groups: of('group', 'leftover'), memory: of('memory'), problems: of('problem') };
}
