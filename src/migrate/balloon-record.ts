import { rm, writeFile } from 'node:fs/promises';
import { readRegular } from '../arbitrate/journal-file.ts';
import { requireText } from '../model/check.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { createOwned, leftFiles, type OwnedFile } from './owned-file.ts';

/** How much memory a domain had before some of it was given back. */
export interface MemoryBefore {
  /** The domain's, as in `xen:web`. */
  readonly reference: string;
  readonly presentBytes: number;
  /** The same wherever it moves; absent in records of before this was kept. */
  readonly uuid?: string;
  /** Of a process domain: the folder it is registered in, absolute. */
  readonly registry?: string;
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
  let file: OwnedFile | null = null;
  return {
    async write(domains) {
      file ??= await createOwned(folder, suffix);
      await writeFile(file.path, JSON.stringify(domains), { mode: 0o600 });
    },
    async remove() {
      await file?.remove();
      file = null;
    },
  };
}

/** Domains of this host whose memory was never given back, because the process that moved them was killed. */
export async function leftBallooned(folder = defaultJournalFolder()): Promise<BalloonedDomains[]> {
  requireText('folder', folder);
  const read = async (file: string): Promise<BalloonedDomains[]> => {
    try {
      const domains: unknown = JSON.parse((await readRegular(file)).toString());
      return Array.isArray(domains) ? [{ file, domains: domains.filter(isMemoryBefore) }] : [];
    } catch {
      return []; // torn: killed while it was written, before anything was taken; or none of ours
    }
  };
  return (await Promise.all((await leftFiles(folder, suffix)).map(read))).flat();
}

/** Once every domain of a record has its memory. */
export async function forgetBallooned({ file }: BalloonedDomains): Promise<void> {
  await rm(file, { force: true });
}

function isMemoryBefore(entry: unknown): entry is MemoryBefore {
  if (typeof entry !== 'object' || entry === null) return false;
  const { reference, presentBytes } = entry as Record<string, unknown>;
  return typeof reference === 'string' && Number.isSafeInteger(presentBytes);
}
