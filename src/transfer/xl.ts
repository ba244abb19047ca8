import { VmbuddiesError } from '../errors.ts';
import { type Finished, lastWords, runCommand } from './command.ts';
import { isDomainConfig } from './xl-header.ts';

const listTimeoutMs = 60_000;
/** Hotplug scripts and device models take their time to go. */
const destroyTimeoutMs = 120_000;

/**
 * The configuration of a running domain as it is now, its memory target and devices included: what libxl calls
 * `libxl_domain_config`, from `xl list -l`.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_NOT_FOUND, or ERR_VMBUDDIES_UNAVAILABLE without xl
 */
export async function domainConfig(domid: number): Promise<unknown> {
  checkDomid(domid);
  const listed = await xl(['list', '-l', String(domid)], listTimeoutMs);
  if (/does not exist|invalid domain identifier/.test(listed.stderr)) {
    throw new VmbuddiesError('ERR_VMBUDDIES_DOMAIN_NOT_FOUND', `there is no domain ${domid}`, { operation: 'xl list' });
  }
  if (listed.exitCode !== 0) throw complaint('xl list', domid, listed);
  // xl leaves out, and still exits with 0, what libxl has no record of: a domain that another toolstack has made.
  const [entry] = parse(listed, domid) as [{ config?: unknown }?];
  if (!isDomainConfig(entry?.config)) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_SYSTEM',
      `xl knows no configuration of domain ${domid}: was it made by xl?`,
      {
        operation: 'xl list',
      },
    );
  }
  return entry.config;
}

/**
 * Ends a domain with all that libxl keeps of it: devices, scripts, xenstore entries. One that is gone already is fine.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM with xl's own words
 */
export async function destroyDomain(domid: number): Promise<void> {
  checkDomid(domid);
  const destroyed = await xl(['destroy', String(domid)], destroyTimeoutMs);
  if (destroyed.exitCode === 0 || /Non-exist[ae]nt domain/.test(destroyed.stderr)) return;
  throw complaint('xl destroy', domid, destroyed);
}

async function xl(args: readonly string[], timeoutMs: number): Promise<Finished> {
  try {
    return await runCommand(['xl', ...args], timeoutMs);
  } catch (error) {
    if (!(error instanceof VmbuddiesError) || error.code !== 'ERR_VMBUDDIES_UNAVAILABLE') throw error;
    throw new VmbuddiesError('ERR_VMBUDDIES_UNAVAILABLE', 'there is no xl here: install xen-utils', { cause: error });
  }
}

/** A number that JavaScript cannot hold would reach the destination changed: better not at all. */
function parse({ stdout }: Finished, domid: number): unknown[] {
  try {
    const value: unknown = JSON.parse(stdout, (key, held: unknown) => {
      if (Number.isInteger(held) && !Number.isSafeInteger(held)) throw new Error(`${key} is too large a number`);
      return held;
    });
    return Array.isArray(value) ? value : [];
  } catch (cause) {
    const message = `what "xl list -l ${domid}" printed cannot be used: ${(cause as Error).message}`;
    throw new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', message, { operation: 'xl list', cause });
  }
}

function complaint(operation: string, domid: number, finished: Finished): VmbuddiesError {
  const why = lastWords(finished) || `exit code ${finished.exitCode}`;
  return new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', `${operation} of domain ${domid}: ${why}`, { operation });
}

/** Domain 0 is the host itself. */
function checkDomid(domid: number): void {
  if (Number.isInteger(domid) && domid > 0) return;
  throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${domid} is not the number of a guest`);
}
