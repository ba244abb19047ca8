import { stat } from 'node:fs/promises';
import { readJournal } from '../arbitrate/journal.ts';
import type { JournalDestination, JournalHome, JournalOwner, JournalRecord } from '../arbitrate/journal-format.ts';
import { recover } from '../arbitrate/recovery.ts';
import { VmbuddiesError } from '../errors.ts';
import { requireText } from '../model/check.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { ownedFiles, takeOver } from './owned-file.ts';
import { claimedElsewhere } from './source-claim.ts';

/** A group whose arbitrator ended before every domain's place was known. */
export interface UnfinishedGroup {
  /** The file its decisions are in. */
  readonly journal: string;
  readonly domains: readonly string[];
  /** Where they were told to go; null in journals of before this was recorded. */
  readonly destination: JournalDestination | null;
  /**
   * What was decided. `ABORT`: COMMIT was never recorded, no copy has started, and every domain belongs at its source.
   * `COMMIT`: any of them may run at the destination, and none may be resumed here before that is known.
   */
  readonly decision: 'COMMIT' | 'ABORT';
  /** STOP was recorded: guests may have been suspended. */
  readonly stopped: boolean;
  /** null in journals of before this was recorded. */
  readonly home: JournalHome | null;
  readonly owner: JournalOwner | null;
  /** Domains of which a later migration has a record, or is under way: this one says nothing about them any more. */
  readonly superseded: readonly string[];
}

/** What killed processes have left in the folder of journals. */
export interface LeftGroups {
  /** The latest first. */
  readonly groups: readonly UnfinishedGroup[];
  /** Journals of which nothing is left to recover: their processes were killed before the first, or after the last, record. */
  readonly spent: readonly string[];
  /** Journals that cannot be read, each with one sentence why. */
  readonly unreadable: readonly { readonly journal: string; readonly reason: string }[];
}

/** What the names of journals end with. */
export const journalSuffix = '.jsonl';

/**
 * Groups of this host that were left halfway by a process that is gone. Each journal is judged by itself: a damaged one, or
 * what is no file at all, hides no other.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_SYSTEM if the folder cannot be read
 */
export async function unfinishedGroups(folder = defaultJournalFolder()): Promise<LeftGroups> {
  requireText('folder', folder);
  const { left, held } = await ownedFiles(folder, journalSuffix);
  const spent: string[] = [];
  const unreadable: { journal: string; reason: string }[] = [];
  const found: { group: UnfinishedGroup; beganMs: number }[] = [];
  for (const journal of left) {
    try {
      const records = await readJournal(journal);
      const recovery = recover(records);
      const opening = records[0];
      if (recovery.kind !== 'resume' || opening?.type !== 'group') {
        spent.push(journal);
        continue;
      }
      const { destination = null, home = null, owner = null, domains } = opening;
      const { decision, stopped } = recovery;
      const group = { journal, domains, destination, decision, stopped, home, owner, superseded: [] };
      found.push({ group, beganMs: owner?.beganMs ?? (await stat(journal)).mtimeMs });
    } catch (error) {
      unreadable.push({ journal, reason: VmbuddiesError.from(error).message });
    }
  }
  // What a later record, or one in use, knows of a domain is newer: the earlier one must not act on it.
  const seen = new Set<string>();
  for (const journal of held) for (const key of await keysIn(journal)) seen.add(key);
  const groups: UnfinishedGroup[] = [];
  for (const { group } of found.sort((a, b) => b.beganMs - a.beganMs)) {
    const keys = keysOf(group.domains, group.home);
    const elsewhere = await claimedElsewhere(group.journal, group.home);
    const superseded = group.domains.filter((_, index) => seen.has(keys[index]!) || elsewhere.has(keys[index]!));
    for (const key of keys) seen.add(key);
    groups.push({ ...group, superseded });
  }
  return { groups, spent, unreadable };
}

async function keysIn(journal: string): Promise<string[]> {
  const records: readonly JournalRecord[] = await readJournal(journal).catch(() => []);
  const opening = records[0];
  return opening?.type === 'group' ? keysOf(opening.domains, opening.home ?? null) : [];
}

function keysOf(domains: readonly string[], home: JournalHome | null): string[] {
  return domains.map((name, index) => home?.uuids[index] ?? `name ${name}`);
}

/** Removes a journal of which nothing is left to recover, unless another process has taken it over. */
export async function forgetJournal(journal: string): Promise<void> {
  await (await takeOver(journal))?.remove();
}
