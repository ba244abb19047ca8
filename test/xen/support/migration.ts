/** Migrations between the hosts, through the command line or through the library. */
import type { GroupEvent, GroupOptions, GroupOutcome } from '../../../src/index.ts';
import type { GroupReport } from '../../../src/report/json.ts';
import { type Answer, address, attempt, type HostNumber, install, json, other, quoted } from './hosts.ts';

export interface MigrateOptions {
  readonly from?: HostNumber;
  readonly link?: string;
  readonly strategy?: string;
  readonly more?: readonly string[];
}

/** `vmbuddies migrate … --json` from one host to the other, over plain TCP. */
export async function migrate(names: readonly string[], options: MigrateOptions = {}): Promise<GroupReport> {
  const { from = 1, link, strategy, more = [] } = options;
  return await json<GroupReport>(
    from,
    'migrate',
    ...names,
    '--to',
    address[other(from)],
    '--ssh',
    'lab-rsh',
    ...(link ? ['--link', link] : []),
    ...(strategy ? ['--strategy', strategy] : []),
    ...more,
  );
}

/** Something that is done to a migration at a chosen moment; see drive.mjs. */
export interface Intervention {
  readonly type: GroupEvent['type'];
  readonly domain?: string;
  readonly state?: string;
  readonly decision?: string;
  readonly round?: number;
  readonly run?: string;
  readonly abort?: string;
  readonly die?: true;
}

export interface Driven {
  readonly outcome: GroupOutcome;
  readonly events: readonly (GroupEvent & { readonly atMs: number })[];
}

export interface DriveOptions {
  readonly from?: HostNumber;
  readonly options?: Partial<GroupOptions>;
  readonly at?: readonly Intervention[];
}

/** Moves domains through the library, which gets at every event. */
export async function drive(domains: readonly string[], driveOptions: DriveOptions = {}): Promise<Driven> {
  const answer = await attemptDrive(domains, driveOptions);
  try {
    return JSON.parse(answer.stdout) as Driven;
  } catch {
    throw new Error(`driving ${domains.join(', ')}: exit code ${answer.code}\n${answer.stdout}\n${answer.stderr}`);
  }
}

/** The same where the process that drives is to be killed. */
export async function attemptDrive(domains: readonly string[], driveOptions: DriveOptions = {}): Promise<Answer> {
  const { from = 1, options = {}, at = [] } = driveOptions;
  const script = await install(from, 'drive.mjs');
  const usual = { to: address[other(from)], ssh: 'lab-rsh', linkBytesPerSecond: 12.5e6, profileMs: 500 };
  const all: GroupOptions = { ...usual, ...options };
  return await attempt(from, `node ${script} ${quoted(JSON.stringify({ domains, options: all, at }))}`);
}
