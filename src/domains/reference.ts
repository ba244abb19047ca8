import { VmbuddiesError } from '../errors.ts';

/** `process:web` or plain `web` → `web`. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT for another kind */
export function processName(reference: string): string {
  const separator = reference.indexOf(':');
  if (separator < 0) return reference;
  const kind = reference.slice(0, separator);
  if (kind === 'process') return reference.slice(separator + 1);
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_ARGUMENT',
    `${reference}: there is no kind of domain called "${kind}"; this version has process domains (process:NAME)`,
    { operation: 'open', domain: reference },
  );
}
