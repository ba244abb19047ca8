import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failed } from '../arbitrate/journal-file.ts';
import type { JournalHome } from '../arbitrate/journal-format.ts';

/**
 * Beside a process domain's registry entry: which record its latest migration has, by the record's file name, which no
 * other has. Records may lie in several folders, and one of an earlier migration must not act on what a later one, in
 * another folder, has moved. It needs to outlive processes only: a host that goes down takes the domain with it.
 */
const claimOf = (registry: string, uuid: string): string => join(registry, `.record-of-${uuid}`);

/** Before the migration's first record. @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM */
export async function claimSources(journal: string, home: JournalHome | null | undefined): Promise<void> {
  for (const [path] of claims(home)) {
    const draft = `${path}.${basename(journal)}`;
    try {
      await writeFile(draft, basename(journal), { mode: 0o600 });
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      failed('create', path, error);
    }
  }
}

/** Once nothing is left to do of the record. What is left behind says nothing wrong. */
export async function releaseSources(journal: string, home: JournalHome | null | undefined): Promise<void> {
  for (const [path] of claims(home)) {
    if ((await readClaim(path)) === basename(journal)) await rm(path, { force: true }).catch(() => {});
  }
}

/** The uuids of those domains that a later migration, of another record, has claimed. */
export async function claimedElsewhere(journal: string, home: JournalHome | null): Promise<Set<string>> {
  const elsewhere = new Set<string>();
  for (const [path, uuid] of claims(home)) {
    const claim = await readClaim(path);
    if (claim !== null && claim !== basename(journal)) elsewhere.add(uuid);
  }
  return elsewhere;
}

function claims(home: JournalHome | null | undefined): (readonly [path: string, uuid: string])[] {
  const registry = home?.registry ?? null;
  return registry === null ? [] : home!.uuids.map((uuid) => [claimOf(registry, uuid), uuid] as const);
}

async function readClaim(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
