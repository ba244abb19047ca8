import { VmbuddiesError } from '../errors.ts';

/** What a suspended source is called while its copy has its name: xl's own mark. */
const mark = '--migratedaway';

export const asideName = (name: string): string => `${name}${mark}`;

export const isAside = (name: string): boolean => name.endsWith(mark);

/** The name it had before it stepped aside, or has. */
export const ownName = (name: string): string => (isAside(name) ? name.slice(0, -mark.length) : name);

/**
 * Refuses, before anything is sent, what would fail after all of it was. `recover` ends a command line for this host.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_EXISTS
 */
export function refuseLeftover(name: string, isThere: (name: string) => boolean, flags = ''): void {
  const left = isAside(name) ? name : asideName(name);
  if (!isThere(left)) return;
  throw new VmbuddiesError(
    'ERR_VMBUDDIES_DOMAIN_EXISTS',
    `${left} is what an earlier migration of ${ownName(name)} left behind: find out what became of it with ` +
      `"vmbuddies recover ${ownName(name)}${flags}" first`,
    { domain: name },
  );
}
