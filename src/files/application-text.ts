import type { LevelStep } from '../domains/info.ts';
import type { PlannedApplication, PlannedDomain } from '../plan/application.ts';

/** A domain as an application file has it, its quantities with their units. */
export type WrittenDomain = Readonly<Record<string, unknown>>;

const MiB = 2 ** 20;

/** The contents of the application file that says what this application is. {@link applicationText} is the file. */
export function applicationContents({ name, domains, flows }: PlannedApplication): Readonly<Record<string, unknown>> {
  return {
    name,
    domains: domains.map(domainContents),
    ...(flows.length > 0 && {
      flows: flows.map(({ from, to, bytesPerSecond }) => ({ from, to, rate: bytesPerSecond })),
    }),
  };
}

/** An application file. `parseApplication` reads the same application from it. */
export function applicationText(application: PlannedApplication, comments: readonly string[] = []): string {
  const {
    name,
    domains,
    flows = [],
  } = applicationContents(application) as {
    name: string;
    domains: WrittenDomain[];
    flows?: WrittenDomain[];
  };
  const lines = [...comments.map((comment) => `# ${comment}`), `name: ${scalar(name)}`, 'domains:'];
  for (const domain of domains) lines.push(...item(domain));
  if (flows.length > 0) lines.push('flows:', ...flows.map((flow) => `  - ${inline(flow)}`));
  return `${lines.join('\n')}\n`;
}

/** A list's item, a line for each key. */
function item(value: WrittenDomain): string[] {
  return Object.entries(value).map(([key, inner], index) => `  ${index === 0 ? '-' : ' '} ${key}: ${inline(inner)}`);
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${inline(inner)}`)
    .join(', ')} }`;
}

/** Names may look like numbers or like true and false. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z][\w.-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : /^[\d.]+(KiB|MiB|ms|s|\/s)$/.test(value)
      ? value
      : JSON.stringify(value);
}

function domainContents({ name, tier, memoryBytes, usedBytes, workload, noise }: PlannedDomain): WrittenDomain {
  return {
    name,
    ...(tier !== name && { tier }),
    memory: size(memoryBytes),
    ...(usedBytes !== null && { used: size(usedBytes) }),
    workload: workloadContents(workload),
    noise,
  };
}

function workloadContents(workload: PlannedDomain['workload']): WrittenDomain {
  const { kind, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond } = workload;
  if (kind === 'idle') return { kind };
  const writes = {
    wws: size(wwsBytes),
    ...(hotBytes > 0 && { hot: size(hotBytes) }),
    ...(hotWritesPerSecond > 0 && { hotWrites: frequency(hotWritesPerSecond) }),
    ...(coldWritesPerSecond > 0 && { coldWrites: frequency(coldWritesPerSecond) }),
  };
  const phase = workload.phase === 0 ? {} : { phase: workload.phase };
  if (kind === 'steady') return { kind, ...writes };
  if (kind !== 'trace') return { kind, ...writes, low: workload.lowLevel, period: time(workload.periodMs), ...phase };
  const { levels = [] } = workload;
  const [high, low] = levels;
  if (levels.length === 2 && high!.level === 1) {
    const period = high!.seconds + low!.seconds;
    const duty = high!.seconds / period;
    return { kind: 'on-off', ...writes, low: low!.level, duty, period: time(period * 1000), ...phase };
  }
  const step = ({ seconds, level }: LevelStep) => [time(seconds * 1000), level];
  return { kind, ...writes, levels: levels.map(step), ...phase };
}

function size(bytes: number): string | number {
  if (bytes % MiB === 0) return `${bytes / MiB}MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024}KiB` : bytes;
}

function time(ms: number): string {
  const rounded = Number(ms.toFixed(3));
  return rounded % 1000 === 0 ? `${rounded / 1000}s` : `${plain(rounded)}ms`;
}

function frequency(perSecond: number): string {
  return `${plain(perSecond)}/s`;
}

/** Without an exponent, which no quantity has. */
function plain(value: number): string {
  return String(value).includes('e') ? value.toFixed(9) : String(value);
}
