import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type Journal, openJournal } from '../arbitrate/journal.ts';
import type { JournalHome, JournalOwner } from '../arbitrate/journal-format.ts';
import { type Clock, hostClock } from '../measure/clock.ts';
import { type BalloonRecord, filedBalloons } from './balloon-record.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { createOwned } from './owned-file.ts';
import { filedPredictions, type PredictionStore } from './prediction-store.ts';
import { claimSources, releaseSources } from './source-claim.ts';
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
  /**
   * Watches for so many milliseconds what else this machine has to do, and resolves with the share of it, above 0 and up to
   * 1, that one thing more may expect to get.
   */
  freeShare(ms: number, signal: AbortSignal): Promise<number>;
}

/** This host's clock, and a folder of its file system for the journals and all else that is to outlive a run. */
export function hostSurroundings(journalFolder = defaultJournalFolder()): Surroundings {
  return {
    clock: hostClock,
    predictions: filedPredictions(journalFolder),
    balloons: filedBalloons(journalFolder),
    freeShare,
    async openJournal() {
      const file = await createOwned(journalFolder, journalSuffix);
      const journal = await openJournal(file.path).catch(async (error) => {
        await file.remove();
        throw error;
      });
      let home: JournalHome | null | undefined;
      return {
        records: journal.records,
        append: async (record) => {
          if (record.type !== 'group') return await journal.append(record);
          home = record.home;
          await claimSources(file.path, home);
          await journal.append({ ...record, owner: thisProcess() });
        },
        close: async () => {
          await journal.close();
          await file.release();
        },
        remove: async () => {
          await file.remove();
          await releaseSources(file.path, home);
        },
      };
    },
  };
}

const lookMs = 100;

/** By how many threads want to run: more than there are processors share them. The kernel's averages lag by a minute. */
async function freeShare(ms: number, signal: AbortSignal): Promise<number> {
  let wanting = 0;
  let looks = 0;
  for (const end = hostClock.now() + ms / 1000; hostClock.now() < end; looks++) {
    const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
    wanting += Number(/^procs_running (\d+)$/m.exec(stat)?.[1] ?? 1);
    await hostClock.pause(lookMs, signal);
  }
  return looks === 0 ? 1 : Math.min(1, (availableParallelism() * looks) / Math.max(wanting, 1));
}

function thisProcess(): JournalOwner {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { pid: process.pid, bootId, beganMs: Date.now() };
}
