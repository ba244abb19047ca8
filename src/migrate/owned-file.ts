import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';

/** A name for a file that this process alone writes, and that tells so. */
export function ownName(suffix: string): string {
  return `${process.pid}-${randomUUID()}${suffix}`;
}

/** Whether a name is that of such a file, and the process that made it is gone. */
export function isGone(name: string, suffix: string): boolean {
  const pid = /^(\d+)-/.exec(name)?.[1];
  return pid !== undefined && name.endsWith(suffix) && !existsSync(`/proc/${pid}`);
}
