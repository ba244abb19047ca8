import { parseAddress } from '../domains/address.ts';
import { checkDomain, type Domain } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import { requireDuration, requireList, requireText } from '../model/check.ts';
import type { GroupOptions } from './group-options.ts';
import { requireProtection } from './peers.ts';

/** Refuses what can never work, before anything has happened. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, or
 * ERR_VMBUDDIES_DOMAIN_EXISTS where an earlier migration has left something of one */
export function checkGroup(domains: readonly Domain[], options: GroupOptions): void {
  requireList('domains', domains);
  for (const domain of domains) checkDomain(domain);
  const { to, ssh = null, engine = 'auto', verifyStream = false, tracker = 'auto' } = options;
  const { linkBytesPerSecond, maxDowntimeMs = 1, suspendTimeoutMs = 1, profileMs = 1, adapt = 'phases' } = options;
  if (domains.length === 0) throw refusal('there is no domain to migrate');
  const twice = domains.find(({ name }, index) => domains.findIndex((other) => other.name === name) !== index);
  if (twice) throw refusal(`domain ${twice.name} is named twice`);
  const [first] = domains;
  const stranger = domains.find(({ kind }) => kind !== first!.kind);
  if (stranger)
    throw refusal(`${first!.reference} and ${stranger.reference} cannot move together: a group is of one kind`);
  if (verifyStream && first!.kind !== 'xen')
    throw refusal('verifyStream is for Xen domains: a process domain verifies itself');
  if (tracker !== 'auto' && first!.kind === 'xen')
    throw refusal(`Xen domains have no tracker "${tracker}", only Xen's own log`);
  checkLink(linkBytesPerSecond);
  requireDuration('maxDowntimeMs', maxDowntimeMs);
  requireDuration('suspendTimeoutMs', suspendTimeoutMs);
  requireDuration('profileMs', profileMs);
  if (adapt !== 'phases') requireDuration('adapt.windowMs', adapt?.windowMs, 100);
  requireText('to', to);
  if (options.secretFile !== undefined) requireText('secretFile', options.secretFile);
  for (const domain of domains) {
    domain.checkDestination(to, ssh);
    domain.engineFor(engine);
    domain.checkStepAside();
  }
  if (first!.kind === 'process') requireProtection(parseAddress(to).host, options);
}

/** @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT */
export function checkLink(linkBytesPerSecond: number): void {
  if (!(linkBytesPerSecond > 0)) throw refusal('linkBytesPerSecond must be more than 0');
}

function refusal(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
