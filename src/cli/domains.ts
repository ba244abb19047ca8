import { type Domain, openDomain } from '../index.ts';
import type { Cli } from './cli.ts';

/** Opens every named domain, or none, runs `work` over them and closes the handles whatever happens. */
export async function withDomains<T>(
  cli: Cli,
  names: readonly string[],
  work: (domains: readonly Domain[]) => Promise<T>,
): Promise<T> {
  const domains: Domain[] = [];
  try {
    for (const name of names) domains.push(openDomain(name, cli.where));
    return await work(domains);
  } finally {
    await Promise.all(domains.map((domain) => domain.close()));
  }
}
