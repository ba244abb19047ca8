import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A name for a file that this process alone writes, and that tells so. */
export function ownName(suffix: string): string {
  return `${process.pid}-${randomUUID()}${suffix}`;
}

/** The paths of such files in the folder whose processes are gone, by name. */
export function leftFiles(folder: string, suffix: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix) && isGone(name))
    .sort()
    .map((name) => join(folder, name));
}

function isGone(name: string): boolean {
  const pid = /^(\d+)-/.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}
