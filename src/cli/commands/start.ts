import { type Command, Option } from 'commander';
import { workloadWithDefaults } from '../../domains/workload.ts';
import { listDomains, type ProcessDomain, probeXen, startDomain, VmbuddiesError, type Workload } from '../../index.ts';
import type { Cli } from '../cli.ts';
import { domainNames, frequency, optionWithDefault, share, size, someSize, someTime, wholeNumber } from '../options.ts';
import { showDomains } from '../render/domain-tables.ts';
import { verb } from '../verb.ts';

type Kind = Workload['kind'];

interface StartOptions {
  readonly workload: Kind;
  readonly memory: number;
  readonly seed: number;
  readonly used?: number;
  readonly wws?: number;
  readonly hot?: number;
  readonly hotWrites?: number;
  readonly coldWrites?: number;
  readonly low?: number;
  readonly period?: number;
  readonly phase?: number;
}

const writing = ['wws', 'hot', 'hotWrites', 'coldWrites'] as const;
const changing = ['low', 'period', 'phase'] as const;

/** What has no meaning for a workload is refused, not dropped: who gives it expects an effect. */
const meaningless: Readonly<Record<Kind, readonly (keyof StartOptions)[]>> = {
  idle: [...writing, ...changing],
  steady: changing,
  'on-off': [],
  waves: [],
};

export function startCommand(cli: Cli): Command {
  return verb('start', 'Start domains. They live until they are destroyed or moved, whatever ends before them.', [
    'vmbuddies start web app db',
    'vmbuddies start --workload on-off --memory 256MiB --wws 100MiB --cold-writes 2000/s db',
    'vmbuddies start --workload idle --memory 64MiB spare',
  ])
    .argument('<name...>', 'names, one domain each', domainNames)
    .addOption(
      new Option(
        '--workload <kind>',
        'idle · steady (constant rate) · on-off (high and low in turn) · waves (up and down)',
      )
        .choices(['idle', 'steady', 'on-off', 'waves'] satisfies Kind[])
        .default('on-off'),
    )
    .addOption(optionWithDefault('--memory <size>', 'memory of each', someSize, '256MiB'))
    .option(
      '--used <size>',
      'memory the guest needs; the rest can be ballooned away (default: 60 % of the memory)',
      someSize,
    )
    .option('--wws <size>', 'writable working set, hot part included (default: 40 % of the memory)', someSize)
    .option('--hot <size>', 'part of the working set that is written most (default: a sixteenth of it)', size)
    .option('--hot-writes <n/s>', 'page writes to the hot part, at the high level (default: 2000/s)', frequency)
    .option(
      '--cold-writes <n/s>',
      'page writes to the rest of the working set, at the high level (default: 500/s)',
      frequency,
    )
    .option('--low <share>', 'the low level as a share of the high one, 0 to 1 (default: 0.5)', share)
    .option('--period <time>', 'one high and one low level together (default: 4s)', someTime)
    .option('--phase <share>', 'where in the period it starts, 0 to 1 (default: 0)', share)
    .addOption(
      optionWithDefault(
        '--seed <n>',
        'seed of the first domain; each further one has the next number',
        wholeNumber,
        '1',
      ),
    )
    .action(async (names: string[], options: StartOptions) => {
      const workload = workloadOf(options);
      refuseTaken(cli, names);
      const started: ProcessDomain[] = [];
      try {
        for (const [index, name] of names.entries()) {
          const own = { ...workload, seed: options.seed + index };
          started.push(
            await startDomain({ name, memoryBytes: options.memory, workload: own, independent: true, ...cli.where }),
          );
        }
        showDomains(
          cli,
          started.map((domain) => domain.info()),
        );
      } catch (error) {
        // All or none: half an application is of no use to anybody.
        await Promise.all(started.map((domain) => domain.destroy()));
        throw error;
      } finally {
        await Promise.all(started.map((domain) => domain.close()));
      }
      const whom = names.length > 1 ? 'them' : 'it';
      // Where Xen runs, a plain name is one of its domains, unless a registry is named.
      const plain = cli.registry !== undefined || !probeXen().usable;
      const references = plain ? names : names.map((name) => `process:${name}`);
      cli.note(`Move ${whom}: vmbuddies migrate ${references.join(' ')} --to HOST:PORT${cli.registryFlag}`);
    });
}

function workloadOf(options: StartOptions): Omit<Workload, 'seed'> {
  const { workload: kind, memory } = options;
  for (const name of meaningless[kind]) {
    if (options[name] === undefined) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw bad(`${flag} has no meaning for --workload ${kind}`);
  }
  const { seed: _, ...workload } = workloadWithDefaults(givenWorkload(options), memory);
  const { wwsBytes, usedBytes, hotBytes } = workload;
  if (wwsBytes > memory) throw bad('--wws is more than --memory');
  if (usedBytes > memory) throw bad('--used is more than --memory');
  if (wwsBytes > usedBytes) throw bad('--wws is more than --used');
  if (hotBytes > wwsBytes) throw bad('--hot is more than --wws');
  return workload;
}

/** What the options say of it. */
function givenWorkload(options: StartOptions): Partial<Workload> {
  const given = {
    kind: options.workload,
    usedBytes: options.used,
    wwsBytes: options.wws,
    hotBytes: options.hot,
    hotWritesPerSecond: options.hotWrites,
    coldWritesPerSecond: options.coldWrites,
    lowLevel: options.low,
    periodMs: options.period,
    phase: options.phase,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function refuseTaken(cli: Cli, names: readonly string[]): void {
  const taken = listDomains(cli.where).find(({ kind, name }) => kind === 'process' && names.includes(name));
  if (taken === undefined) return;
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_DOMAIN_EXISTS',
    `there is a domain ${taken.name} already; nothing was started`,
    {
      domain: taken.name,
    },
  );
}

function bad(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
