import type { GroupOutcome } from '../index.ts';

/** How the person who reads it would name things. */
export interface Places {
  /** `HOST:PORT` of the destination. */
  readonly destination: string;
  /** Ends a command line so that it means this host, as in ` --registry DIR`; or nothing. */
  readonly registryFlag: string;
}

/**
 * One line that says where every guest is after a migration that did not (wholly) succeed, and what to type next. It is
 * the last thing printed: an operator who reads nothing else must not start a second copy of a running guest.
 */
export function whereabouts(outcome: GroupOutcome, { destination, registryFlag }: Places): string {
  const at = (where: string) => outcome.domains.filter((domain) => domain.where === where).map((domain) => domain.name);
  const here = at('source');
  const there = at('destination');
  const lost = at('unknown');
  const sentences: string[] = [];
  if (here.length > 0) sentences.push(`${list(here)} ${here.length > 1 ? 'run' : 'runs'} on here at the source.`);
  if (there.length > 0) sentences.push(`${list(there)} ${there.length > 1 ? 'run' : 'runs'} at ${destination}.`);
  if (lost.length > 0) {
    const aside = lost.map((name) => `${name}--migratedaway`).join(' ');
    sentences.push(
      `Where ${list(lost)} ${lost.length > 1 ? 'run' : 'runs'} is UNKNOWN: look with "vmbuddies list" at both ends; ` +
        `only where the domain does NOT run at ${destination}, "vmbuddies resume ${aside}${registryFlag}" brings it back ` +
        `here; where it does, "vmbuddies destroy ${aside}${registryFlag}" removes the leftover.`,
    );
  } else if (there.length > 0 && here.length > 0) {
    sentences.push(`To bring the rest: vmbuddies migrate ${here.join(' ')} --to ${destination}${registryFlag}`);
  }
  return sentences.join(' ');
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
