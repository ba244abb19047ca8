import type { GroupOutcome } from '../index.ts';
import type { RemoteHost } from '../transfer/transport.ts';
import { quoteWord } from '../transfer/words.ts';

/** How the person who reads it would name things. */
export interface Places {
  /** What was given to `--to`. */
  readonly destination: string;
  /** Ends a command line so that it means the same hosts, as in ` --registry DIR`; or nothing. */
  readonly flags: string;
  /** How the domains were named on the command line, as in `process:web`. */
  readonly typed: readonly string[];
  /** The destination where the domains are Xen's; null for process domains. */
  readonly xen: RemoteHost | null;
}

/**
 * Says where every guest is after a migration that did not (wholly) succeed, and what to type next. It is the last thing
 * printed: an operator who reads nothing else must not start a second copy of a running guest.
 */
export function whereabouts(outcome: GroupOutcome, places: Places): string {
  const { destination, flags } = places;
  const at = (where: string) => outcome.domains.filter((domain) => domain.where === where).map((domain) => domain.name);
  const here = at('source').filter((name) => !isPaused(outcome, name));
  const paused = at('source').filter((name) => isPaused(outcome, name));
  const ended = at('ended');
  const there = at('destination');
  const lost = at('unknown');
  const sentences: string[] = [];
  if (here.length > 0) sentences.push(stay(here));
  if (paused.length > 0) {
    const typed = paused.map((name) => asTyped(name, places)).join(' ');
    const is = paused.length > 1 ? 'are' : 'is';
    sentences.push(`${list(paused)} ${is} paused here at the source; to let it run: vmbuddies resume ${typed}${flags}`);
  }
  if (ended.length > 0) {
    const guests = ended.length > 1 ? 'have ended: these guests are' : 'has ended: this guest is';
    sentences.push(`${list(ended)} ${guests} no more, neither here nor at ${destination}.`);
  }
  if (there.length > 0) sentences.push(`${list(there)} ${there.length > 1 ? 'run' : 'runs'} at ${destination}.`);
  if (lost.length > 0) sentences.push(lostDomains(lost, places));
  else if (there.length > 0 && here.length > 0) {
    const rest = here.map((name) => asTyped(name, places)).join(' ');
    sentences.push(`To bring the rest: vmbuddies migrate ${rest} --to ${destination}${flags}`);
  }
  return sentences.join(' ');
}

/** Never more than this one command: it looks before it does anything. */
function lostDomains(lost: readonly string[], places: Places): string {
  const { flags, xen } = places;
  const names = lost.map((name) => quoteWord(name)).join(' ');
  return (
    `Where ${list(lost)} ${lost.length > 1 ? 'run' : 'runs'} is UNKNOWN. To find out, and to do what is safe: ` +
    `vmbuddies recover ${names}${xen === null ? flags : ''}`
  );
}

function asTyped(name: string, { typed }: Places): string {
  return typed.find((reference) => reference.endsWith(`:${name}`)) ?? name;
}

function isPaused({ domains }: GroupOutcome, name: string): boolean {
  return domains.some((domain) => domain.name === name && domain.paused);
}

function stay(names: readonly string[]): string {
  return `${list(names)} ${names.length > 1 ? 'run' : 'runs'} on here at the source.`;
}

export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
