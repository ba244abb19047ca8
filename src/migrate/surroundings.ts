import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Journal, openJournal } from '../arbitrate/journal.ts';
import { type Clock, hostClock } from '../measure/clock.ts';
import { type BalloonRecord, filedBalloons } from './balloon-record.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { ownName } from './owned-file.ts';
import { filedPredictions, type PredictionStore } from './prediction-store.ts';
import { journalSuffix } from './unfinished.ts';

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
  readonly balloons: BalloonRecord;
  /** The share of this machine, above 0 and up to 1, that one more thing to do may expect to get. */
  freeShare(): number;
}

/** This host's clock, and a folder of its file system for the journals and all else that is to outlive a run. */
export function hostSurroundings(journalFolder = defaultJournalFolder()): Surroundings {
  return {
    clock: hostClock,
    predictions: filedPredictions(journalFolder),
    balloons: filedBalloons(journalFolder),
    freeShare: () => Math.min(1, availableParallelism() / (1 + loadavg()[0]!)),
    async openJournal() {
      mkdirSync(journalFolder, { recursive: true, mode: 0o700 });
      const path = join(journalFolder, ownName(journalSuffix));
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
