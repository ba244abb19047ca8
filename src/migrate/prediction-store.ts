import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegular } from '../arbitrate/journal-file.ts';
import type { PredictionError, PredictionLog } from '../model/prediction-log.ts';

/** Keeps how far predictions were off, from one migration to the next. */
export interface PredictionStore {
  read(): Promise<PredictionLog>;
  write(log: PredictionLog): Promise<void>;
}

/** `predictions.json` in the folder. One that is missing or damaged is an empty log: it is a help, and no record. */
export function filedPredictions(folder: string): PredictionStore {
  const path = join(folder, 'predictions.json');
  return {
    async read() {
      try {
        const log: unknown = JSON.parse((await readRegular(path)).toString());
        return Array.isArray(log) ? log.filter(isPredictionError) : [];
      } catch {
        return [];
      }
    },
    async write(log) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, JSON.stringify(log), { mode: 0o600 });
      await rename(draft, path);
    },
  };
}

function isPredictionError(entry: unknown): entry is PredictionError {
  if (typeof entry !== 'object' || entry === null) return false;
  const { key, completion, traffic, downtime } = entry as Record<string, unknown>;
  return typeof key === 'string' && [completion, traffic, downtime].every((e) => e === null || Number.isFinite(e));
}
