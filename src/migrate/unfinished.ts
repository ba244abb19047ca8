import { readJournal } from '../arbitrate/journal.ts';
import type { JournalDestination } from '../arbitrate/journal-format.ts';
import { recover } from '../arbitrate/recovery.ts';
import { requireText } from '../model/check.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { leftFiles } from './owned-file.ts';

/** A group whose arbitrator ended before every domain's place was known. */
export interface UnfinishedGroup {
  /** The file its decisions are in; it may be deleted once every domain is seen to. */
  readonly journal: string;
  readonly domains: readonly string[];
  /** Where they were told to go; null in journals of before this was recorded. */
  readonly destination: JournalDestination | null;
  /**
   * What was decided. `ABORT`: COMMIT was never recorded, no copy has started, and every domain belongs at its source.
   * `COMMIT`: any of them may run at the destination, and none may be resumed here before that is known.
   */
  readonly decision: 'COMMIT' | 'ABORT';
}

/** What the names of journals end with. */
export const journalSuffix = '.jsonl';

/**
 * Groups of this host that were left halfway by a process that is gone.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_JOURNAL if a journal is damaged
 */
export async function unfinishedGroups(folder = defaultJournalFolder()): Promise<UnfinishedGroup[]> {
  requireText('folder', folder);
  const groups: UnfinishedGroup[] = [];
  for (const journal of leftFiles(folder, journalSuffix)) {
    const records = await readJournal(journal);
    const recovery = recover(records);
    if (recovery.kind !== 'resume') continue;
    const domains = recovery.start.state.domains.map(({ domain }) => domain);
    const destination = records[0]?.type === 'group' ? (records[0].destination ?? null) : null;
    groups.push({ journal, domains, destination, decision: recovery.decision });
  }
  return groups;
}
