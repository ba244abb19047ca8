import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireText } from '../model/check.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { leftFiles, ownName } from './owned-file.ts';

/** How much memory a domain had before some of it was given back. */
export interface MemoryBefore {
  /** The domain's, as in `xen:web`. */
  readonly reference: string;
  readonly presentBytes: number;
}

/** Says what ballooning has taken and not given back yet, should this process be killed meanwhile. */
export interface BalloonRecord {
  write(domains: readonly MemoryBefore[]): Promise<void>;
  remove(): Promise<void>;
}

/** A record that a process has left behind that is gone. */
export interface BalloonedDomains {
  /** It may be deleted once every domain has its memory again. */
  readonly file: string;
  readonly domains: readonly MemoryBefore[];
}

const suffix = '.balloon.json';

/** In a file of its own in the folder. A crash of the machine ends the guests too: nothing is synced. */
export function filedBalloons(folder: string): BalloonRecord {
  const path = join(folder, ownName(suffix));
  return {
    async write(domains) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(path, JSON.stringify(domains), { mode: 0o600 });
    },
    remove: () => rm(path, { force: true }),
  };
}

/** Domains of this host whose memory was never given back, because the process that moved them was killed. */
export async function leftBallooned(folder = defaultJournalFolder()): Promise<BalloonedDomains[]> {
  requireText('folder', folder);
  const read = async (file: string): Promise<BalloonedDomains[]> => {
    try {
      const domains: unknown = JSON.parse(await readFile(file, 'utf8'));
      return Array.isArray(domains) ? [{ file, domains: domains.filter(isMemoryBefore) }] : [];
    } catch {
      return []; // killed while it was written: nothing had been taken yet
    }
  };
  return (await Promise.all(leftFiles(folder, suffix).map(read))).flat();
}

function isMemoryBefore(entry: unknown): entry is MemoryBefore {
  if (typeof entry !== 'object' || entry === null) return false;
  const { reference, presentBytes } = entry as Record<string, unknown>;
  return typeof reference === 'string' && Number.isSafeInteger(presentBytes);
}
