import { examineMemory, leftBallooned, type MemoryFinding, type RegistryOptions } from '../index.ts';
import { type Check, failed, noted } from '../transfer/check.ts';
import { formatSize } from '../units.ts';

/** Domains that a killed process has left with less memory than they had. */
export async function examineBalloons({ registry }: RegistryOptions): Promise<Check[]> {
  try {
    const left = await leftBallooned();
    return left.flatMap(({ domains }) => domains.map((before) => judgeBalloon(examineMemory(before, registry))));
  } catch (error) {
    return [failed('memory of domains', (error as Error).message, null)];
  }
}

export function judgeBalloon({ before, presentBytes }: MemoryFinding): Check {
  const subject = `memory of ${before.reference}`;
  const had = `had ${formatSize(before.presentBytes)} when a process that has been killed began to move it`;
  if (presentBytes === null) return noted(subject, `${had}, and is not here`, 'vmbuddies recover');
  const has = presentBytes >= before.presentBytes ? 'it' : formatSize(presentBytes);
  return noted(subject, `${had}, and has ${has}`, 'vmbuddies recover');
}
