import type { DomainInfo } from '../domains/domain.ts';
import { listDomains, openDomain } from '../domains/open.ts';
import { restoreProcessMemoryAt } from '../domains/process-domain.ts';
import { parseReference } from '../domains/reference.ts';
import { setMemoryAt } from '../domains/xen-destination.ts';
import { VmbuddiesError } from '../errors.ts';
import { argumentError, requireObject, requireObjects, requireText } from '../model/check.ts';
import { type BalloonedDomains, forgetBallooned, type MemoryBefore } from './balloon-record.ts';

/** Of a domain that a killed process has left with less memory than it had. */
export interface MemoryFinding {
  readonly before: MemoryBefore;
  /** null: it is no longer on this host. */
  readonly presentBytes: number | null;
}

export interface RecoveredMemory extends MemoryFinding {
  /** `absent`: it is no longer here, and its memory is its new host's affair. */
  readonly outcome: 'given-back' | 'has-it' | 'absent' | 'failed';
  /** Why it failed; '' otherwise. */
  readonly reason: string;
}

/** Where a domain has gone, by the name it has there; undefined where that is not known. */
export type DestinationOf = (
  name: string,
) => { readonly to: string; readonly ssh: string | null; readonly secret?: Uint8Array | undefined } | undefined;

/** Changes nothing. `registry` is for records that hold none. */
export function examineMemory(before: MemoryBefore, registry?: string): MemoryFinding {
  requireObject('before', before);
  requireText('before.reference', before.reference);
  if (registry !== undefined) requireText('registry', registry);
  const found = find(before, registry);
  return { before, presentBytes: found?.presentBytes ?? null };
}

/** Gives every domain of a record its memory back, where it is now, and removes the record if none has failed. */
export async function recoverMemory(
  left: BalloonedDomains,
  destinationOf: DestinationOf,
  registry?: string,
): Promise<RecoveredMemory[]> {
  requireObject('left', left);
  requireText('left.file', left.file);
  requireObjects('left.domains', left.domains);
  if (typeof destinationOf !== 'function') throw argumentError('destinationOf must be a function');
  const domains = await Promise.all(left.domains.map((before) => giveBack(before, destinationOf, registry)));
  if (domains.every(({ outcome }) => outcome !== 'failed')) await forgetBallooned(left);
  return domains;
}

async function giveBack(
  before: MemoryBefore,
  destinationOf: DestinationOf,
  registry: string | undefined,
): Promise<RecoveredMemory> {
  const same = examineMemory(before, registry);
  try {
    const found = find(before, registry);
    if (found === undefined) {
      const { kind, name } = parseReference(before.reference);
      const there = destinationOf(name);
      if (there === undefined) return { ...same, outcome: 'absent', reason: '' };
      if (kind === 'xen') await setMemoryAt(there.to, there.ssh, name, before.presentBytes);
      else if (before.uuid === undefined) return { ...same, outcome: 'absent', reason: '' };
      else await restoreProcessMemoryAt(there.to, before.uuid, before.presentBytes, there.secret);
      return { ...same, outcome: 'given-back', reason: '' };
    }
    if (found.presentBytes >= before.presentBytes) return { ...same, outcome: 'has-it', reason: '' };
    await using domain = openDomain(found.reference, found.kind === 'process' ? registryOf(before, registry) : {});
    await domain.balloon(before.presentBytes);
    return { ...same, outcome: 'given-back', reason: '' };
  } catch (thrown) {
    const { message } = VmbuddiesError.from(thrown);
    // Only the receiver that has started it gives it memory; when that has gone, it is to be done over there.
    const isElsewhere = same.presentBytes === null && before.reference.startsWith('process:');
    return { ...same, outcome: isElsewhere ? 'absent' : 'failed', reason: message };
  }
}

function find(before: MemoryBefore, registry: string | undefined): DomainInfo | undefined {
  const isXen = before.reference.startsWith('xen:');
  const here: readonly DomainInfo[] = isXen
    ? listDomains()
    : listDomains(registryOf(before, registry) as { registry: string });
  return here.find(({ reference, uuid, state }) =>
    before.uuid === undefined ? reference === before.reference : uuid === before.uuid && state !== 'incoming',
  );
}

function registryOf({ registry }: MemoryBefore, standard: string | undefined): { registry?: string } {
  const folder = registry ?? standard;
  return folder === undefined ? {} : { registry: folder };
}
