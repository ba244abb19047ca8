import type { JournalRecord } from '../arbitrate/journal.ts';
import { VmbuddiesError } from '../errors.ts';
import type { RunJournal } from '../migrate/surroundings.ts';

/** A journal without a disk. An append for which `isFull` is refused and leaves nothing behind. */
export function memoryJournal(isFull: (record: JournalRecord) => boolean): RunJournal {
  const records: JournalRecord[] = [];
  return {
    records,
    async append(record) {
      if (isFull(record)) {
        throw new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', 'append: no space left for the journal', {
          operation: 'append',
        });
      }
      records.push(record);
    },
    async close() {},
    async remove() {},
  };
}
