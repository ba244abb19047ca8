import { VmbuddiesError } from '../errors.ts';

/** `HOST:PORT` or `[IPv6]:PORT`. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port);
  if (!match?.groups || !(port >= 1 && port <= 65535)) {
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `"${text}" is not HOST:PORT with a port from 1 to 65535`);
  }
  return { host: match.groups.six ?? match.groups.host!, port };
}
