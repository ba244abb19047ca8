import { type Domain, type PeerOptions, type ProcessDomain, VmbuddiesError, type XenDomain } from '../index.ts';
import { preflightProcess } from '../migrate/process-preflight.ts';
import type { Check } from '../transfer/check.ts';
import { inspectRemoteHost } from '../transfer/remote-host.ts';
import type { RemoteHost } from '../transfer/transport.ts';
import type { Cli } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { checkLines } from './render/checks.ts';

export function isXen(domain: Domain): domain is XenDomain {
  return domain.kind === 'xen';
}

export interface Journey {
  readonly domains: readonly XenDomain[];
  readonly destination: RemoteHost;
  /** All at once; otherwise one after another. */
  readonly together: boolean;
}

/** Everything that can be known to stand in the way before anything moves: here of each domain, there of all of them. */
export async function preflight({ domains, destination, together }: Journey): Promise<Check[]> {
  const checks: Check[] = [];
  for (const domain of domains) {
    for (const check of await domain.preflight())
      checks.push({ ...check, subject: `${domain.name}: ${check.subject}` });
  }
  const there = await inspectRemoteHost(destination, { travellers: domains.map((domain) => domain.info()), together });
  return [...checks, ...there];
}

export interface AnyJourney extends PeerOptions {
  readonly domains: readonly Domain[];
  readonly to: string;
  readonly ssh: string | undefined;
  readonly registry: string | undefined;
  readonly together: boolean;
}

/** The same for domains of whatever kind. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT for two kinds at once */
export async function preflightAll(journey: AnyJourney): Promise<Check[]> {
  const { domains, to, ssh, registry, together, secret, insecure } = journey;
  const xen = domains.filter(isXen);
  if (xen.length === domains.length) {
    return await preflight({ domains: xen, destination: { host: to, ...(ssh !== undefined && { ssh }) }, together });
  }
  if (xen.length > 0)
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'Xen and process domains cannot move together');
  const trust = { ...(secret && { secret }), ...(insecure && { insecure }) };
  return await preflightProcess({ domains: domains as readonly ProcessDomain[], to, registry, ...trust });
}

/** The checks, none failed, or some, which is told and sets the exit code. */
export async function cleared(cli: Cli, journey: Journey): Promise<{ isClear: boolean; checks: readonly Check[] }> {
  const checks = await preflight(journey);
  const failures = checks.filter(({ verdict }) => verdict === 'fail').length;
  for (const check of checks) if (check.verdict !== 'pass') cli.note(...checkLines(check));
  if (failures === 0) {
    cli.note(`preflight: nothing stands in the way`);
    return { isClear: true, checks };
  }
  cli.exitCode = exitCodes.refused;
  cli.note(`vmbuddies: ${failures} of ${checks.length} checks failed (--skip-preflight goes on all the same)`);
  return { isClear: false, checks };
}
