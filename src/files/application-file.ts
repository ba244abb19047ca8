import type { LevelStep } from '../domains/info.ts';
import { pageBytes } from '../model/load.ts';
import type { PlannedApplication, PlannedDomain } from '../plan/application.ts';
import { minTimeMs } from '../simulate/limits.ts';
import { type ApplicationContents, applicationSchema, type DomainContents } from './application-schema.ts';
import { InvalidFileError } from './invalid-file.ts';
import { checkReferences } from './references.ts';
import { validate } from './validate.ts';
import { YamlText } from './yaml-text.ts';

/**
 * Reads the text of an application file.
 * @param file what problems call it
 * @throws {InvalidFileError} with all problems, each with its line and column
 */
export function parseApplication(text: string, file: string): PlannedApplication {
  const yaml = new YamlText(text, file);
  const { output, problems } = validate(yaml, applicationSchema);
  const all = [...problems, ...checkReferences(yaml, yaml.value, [])];
  if (output === null || all.length > 0) throw new InvalidFileError(all);
  return plannedApplication(output);
}

/** What a file's contents mean. */
export function plannedApplication({ name, domains, flows }: ApplicationContents): PlannedApplication {
  return {
    name,
    domains: domains.map(plannedDomain),
    flows: flows.map(({ from, to, rate }) => ({ from, to, bytesPerSecond: rate })),
  };
}

function plannedDomain(contents: DomainContents): PlannedDomain {
  const memoryBytes = wholePages(contents.memory);
  const usedBytes = contents.used === undefined ? null : wholePages(contents.used);
  return {
    name: contents.name,
    tier: contents.tier ?? contents.name,
    memoryBytes,
    usedBytes,
    workload: { ...still, ...written(contents, usedBytes ?? memoryBytes), usedBytes: usedBytes ?? memoryBytes },
    noise: contents.noise,
  };
}

type Written = Omit<PlannedDomain['workload'], 'usedBytes'>;

const still: Written = {
  kind: 'idle',
  wwsBytes: 0,
  hotBytes: 0,
  hotWritesPerSecond: 0,
  coldWritesPerSecond: 0,
  lowLevel: 1,
  periodMs: 0,
  phase: 0,
};

function written(contents: DomainContents, usedBytes: number): Partial<Written> {
  const { workload, dirtyRate = 0, wws = 0, coldRate = 0 } = contents;
  // Whole-page writes spread at random over the working set dirty it as W (1 - e^(-d t / W)): what d and W were fitted to.
  if (workload === undefined) {
    const hotBytes = wholePages(wws);
    const hot = { wwsBytes: hotBytes, coldWritesPerSecond: wws === 0 ? 0 : dirtyRate / pageBytes };
    if (coldRate === 0) return { kind: 'steady', ...hot };
    const hotWritesPerSecond = hot.coldWritesPerSecond;
    return {
      kind: 'steady',
      wwsBytes: usedBytes,
      hotBytes,
      hotWritesPerSecond,
      coldWritesPerSecond: coldRate / pageBytes,
    };
  }
  if (workload.kind === 'idle') return {};
  return {
    ...levelsOf(workload),
    wwsBytes: wholePages(workload.wws),
    hotBytes: wholePages(workload.hot ?? 0),
    hotWritesPerSecond: workload.hotWrites ?? 0,
    coldWritesPerSecond: workload.coldWrites ?? 0,
  };
}

/** How hard it works, and when. */
function levelsOf(workload: Exclude<DomainContents['workload'], undefined | { kind: 'idle' }>): Partial<Written> {
  switch (workload.kind) {
    case 'steady':
      return { kind: 'steady' };
    case 'trace': {
      const levels = workload.levels.map(([ms, level]) => ({ seconds: ms / 1000, level }));
      return traceOf(levels, workload.phase);
    }
    default: {
      const { kind, low, duty, period, phase } = workload;
      if (duty === 0.5) return { kind, lowLevel: low, periodMs: period, phase };
      const seconds = period / 1000;
      const high = { seconds: duty * seconds, level: 1 };
      return traceOf(
        [high, { seconds: (1 - duty) * seconds, level: low }].filter((step) => step.seconds * 1000 >= minTimeMs),
        phase,
      );
    }
  }
}

function traceOf(levels: readonly LevelStep[], phase: number): Partial<Written> {
  const periodMs = levels.reduce((sum, { seconds }) => sum + seconds, 0) * 1000;
  return { kind: 'trace', levels, lowLevel: Math.min(...levels.map(({ level }) => level)), periodMs, phase };
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}
