import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Journal, openJournal } from '../arbitrate/journal.ts';
import { type Clock, hostClock } from '../measure/clock.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { filedPredictions, type PredictionStore } from './prediction-store.ts';
import { journalName } from './unfinished.ts';

/** A journal that can be removed once it is closed and nothing is left to recover. */
export interface RunJournal extends Journal {
  remove(): Promise<void>;
}

/** What a group's run takes from the world around it: this host, or a simulation. */
export interface Surroundings {
  readonly clock: Clock;
  /** A new journal for one group. */
  openJournal(): Promise<RunJournal>;
  readonly predictions: PredictionStore;
}

/** This host's clock, and a folder of its file system for the journals and the errors of predictions. */
export function hostSurroundings(journalFolder = defaultJournalFolder()): Surroundings {
  return {
    clock: hostClock,
    predictions: filedPredictions(journalFolder),
    async openJournal() {
      mkdirSync(journalFolder, { recursive: true, mode: 0o700 });
      const path = join(journalFolder, journalName(randomUUID()));
      const journal = await openJournal(path);
      return {
        records: journal.records,
        append: (record) => journal.append(record),
        close: () => journal.close(),
        remove: () => rm(path),
      };
    },
  };
}
