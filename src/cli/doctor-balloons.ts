import { type DomainInfo, leftBallooned, listDomains, type MemoryBefore, type RegistryOptions } from '../index.ts';
import { type Check, failed, noted } from '../transfer/check.ts';
import { quoteWord } from '../transfer/words.ts';
import { formatSize } from '../units.ts';

/** Domains that a killed process has left with less memory than they had, and what to type. */
export async function examineBalloons(where: RegistryOptions): Promise<Check[]> {
  try {
    const left = await leftBallooned();
    if (left.length === 0) return [];
    const here = listDomains(where);
    return left.flatMap(({ file, domains }) => domains.map((before) => judgeBalloon(before, file, here)));
  } catch (error) {
    return [failed('memory of domains', (error as Error).message, null)];
  }
}

/** `here` is every domain of this host. */
export function judgeBalloon(before: MemoryBefore, file: string, here: readonly DomainInfo[]): Check {
  const { reference, presentBytes } = before;
  const subject = `memory of ${reference}`;
  const had = `had ${formatSize(presentBytes)} when a process that has been killed began to move it`;
  const restore = `vmbuddies balloon ${quoteWord(reference)} ${Math.floor(presentBytes / 1024)}KiB`;
  const now = here.find((domain) => domain.reference === reference)?.presentBytes;
  if (now === undefined) {
    return noted(subject, `${had}, and is not here`, `where it runs: ${restore}\nthen delete ${file}`);
  }
  if (now >= presentBytes) return noted(subject, `${had}, and has it`, `delete ${file}`);
  return noted(subject, `${had}, and has ${formatSize(now)}`, `${restore}\nthen delete ${file}`);
}
