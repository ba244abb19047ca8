import { pageBytes } from '../model/load.ts';
import type { PlannedApplication, PlannedDomain } from '../plan/application.ts';
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
    workload: { ...still, ...written(contents), usedBytes: usedBytes ?? memoryBytes },
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

function written({ workload, dirtyRate = 0, wws = 0 }: DomainContents): Partial<Written> {
  // Whole-page writes spread at random over the working set dirty it as W (1 - e^(-d t / W)): what d and W were fitted to.
  if (workload === undefined) {
    return { kind: 'steady', wwsBytes: wholePages(wws), coldWritesPerSecond: wws === 0 ? 0 : dirtyRate / pageBytes };
  }
  if (workload.kind === 'idle') return {};
  return {
    kind: workload.kind,
    wwsBytes: wholePages(workload.wws),
    hotBytes: wholePages(workload.hot ?? 0),
    hotWritesPerSecond: workload.hotWrites ?? 0,
    coldWritesPerSecond: workload.coldWrites ?? 0,
    ...(workload.kind !== 'steady' && { lowLevel: workload.low, periodMs: workload.period, phase: workload.phase }),
  };
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}
