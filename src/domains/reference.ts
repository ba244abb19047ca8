import { VmbuddiesError } from '../errors.ts';
import type { DomainKind } from './info.ts';

export interface Reference {
  /** null: the reference is a plain name, and it is the host that decides. */
  readonly kind: Exclude<DomainKind, 'sim'> | null;
  readonly name: string;
}

/** `xen:web`, `process:web` or plain `web`. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT for another kind, or no name */
export function parseReference(reference: string): Reference {
  const separator = reference.indexOf(':');
  const kind = separator < 0 ? null : reference.slice(0, separator);
  const name = reference.slice(separator + 1);
  if (name === '') throw refusal(reference, 'names no domain');
  if (kind === null || kind === 'xen' || kind === 'process') return { kind, name };
  if (kind === 'sim') throw refusal(reference, 'a simulated domain exists only within its simulation');
  throw refusal(reference, `there is no kind of domain called "${kind}"; there are xen:NAME and process:NAME`);
}

function refusal(reference: string, message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${reference}: ${message}`, {
    operation: 'open',
    domain: reference,
  });
}
