import { VmbuddiesError } from '../errors.ts';
import type { PlannedApplication } from '../plan/application.ts';
import type { Scenario } from '../plan/scenario.ts';
import type { FaultTime, SimulatedFault } from '../simulate/simulation.ts';
import { parseApplication, plannedApplication } from './application-file.ts';
import { type FileProblem, InvalidFileError } from './invalid-file.ts';
import { suggestion } from './nearest.ts';
import { checkReferences } from './references.ts';
import { type FaultContents, type ScenarioContents, scenarioSchema } from './scenario-schema.ts';
import { validate } from './validate.ts';
import { type Path, YamlText } from './yaml-text.ts';

/** Reads what a scenario names as its application. */
export type ReadApplication = (name: string) => Promise<{ readonly file: string; readonly text: string }>;

/**
 * Reads the text of a scenario file.
 * @param file what problems call it
 * @throws {InvalidFileError} with all problems of it and of its application, each with its file, line and column
 */
export async function parseScenario(text: string, file: string, read: ReadApplication): Promise<Scenario> {
  const yaml = new YamlText(text, file);
  const { output, problems } = validate(yaml, scenarioSchema);
  const named = (yaml.value as { application?: unknown } | null)?.application;
  const all = [...problems, ...checkReferences(yaml, named, ['application'])];
  let application: PlannedApplication | null = null;
  try {
    if (typeof named === 'string') {
      const other = await read(named);
      application = parseApplication(other.text, other.file);
    } else if (typeof output?.application === 'object') {
      application = plannedApplication(output.application);
    }
  } catch (error) {
    if (!(error instanceof VmbuddiesError)) throw error;
    if (error instanceof InvalidFileError) all.push(...error.problems);
    else all.push(yaml.problem(['application'], error.message));
  }
  if (output !== null && application !== null) all.push(...checkFaults(yaml, output, application));
  if (output === null || application === null || all.length > 0) throw new InvalidFileError(all);
  return scenarioOf(output, application);
}

function checkFaults(yaml: YamlText, { faults }: ScenarioContents, { domains }: PlannedApplication): FileProblem[] {
  const known = domains.map(({ name }) => name);
  return faults.flatMap((fault, index) => {
    const named: (readonly [Path, string])[] = [];
    if ('domain' in fault) named.push([['domain'], fault.domain]);
    if ('when' in fault && fault.when) named.push([['when', 'domain'], fault.when.domain]);
    return named
      .filter(([, name]) => !known.includes(name))
      .map(([path, name]) => {
        const message = `there is no domain '${name}'${suggestion(name, known)}`;
        return yaml.problem(['faults', index, ...path], message);
      });
  });
}

function scenarioOf(contents: ScenarioContents, application: PlannedApplication): Scenario {
  const { link, latency, loss, strategies, stopRule, maxDowntime, profile, startAt, seed, runs } = contents;
  return {
    application,
    linkBytesPerSecond: link,
    latencyMs: latency,
    loss,
    strategies,
    startAtMs: startAt,
    faults: contents.faults.map(faultOf),
    seed,
    runs,
    ...(stopRule !== undefined && { stopRule }),
    ...(maxDowntime !== undefined && { maxDowntimeMs: maxDowntime }),
    ...(profile !== undefined && { profileMs: profile }),
  };
}

function faultOf(contents: FaultContents): SimulatedFault {
  switch (contents.type) {
    case 'link-cut':
    case 'receiver-dies':
    case 'abort':
      return { type: contents.type, ...timeOf(contents) };
    case 'guest-dies':
    case 'copy-dies':
      return { type: contents.type, domain: contents.domain, ...timeOf(contents) };
    default:
      return contents;
  }
}

/** The schema sees to it that one of them is there. */
function timeOf({ at, when }: { readonly at?: number | undefined; readonly when?: FaultWhen | undefined }): FaultTime {
  return when === undefined ? { atMs: at! } : { when };
}

type FaultWhen = Extract<FaultTime, { when: unknown }>['when'];
