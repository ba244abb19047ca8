import { checkDomain, type Domain } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import { hostClock } from '../measure/clock.ts';
import { type FittedLoad, fitLoad } from '../measure/load-fit.ts';
import { recordDirtying } from '../measure/recording.ts';
import { requireList, requireObject } from '../model/check.ts';
import { pageBytes } from '../model/load.ts';
import { maxProfileMs, maxWritesPerSecond } from '../simulate/limits.ts';
import type { PlannedApplication, PlannedDomain } from './application.ts';

export interface ProfileDomainsOptions {
  /** Name of the application. Default `application`. */
  readonly name?: string;
  /** How long to watch the domains: 1 to 3 600 000 ms. Default 30 000. Phases are found if three of them fit into it. */
  readonly durationMs?: number;
  /** Which way to keep the dirty logs; `auto`, the default, takes the best that works here. */
  readonly tracker?: string;
  /** Ends the measuring early, and no more: the result is what was seen until then. */
  readonly signal?: AbortSignal;
}

const standardMs = 30_000;

/**
 * Watches running domains for a while, all at once, and describes them as an application file does: their memory, what
 * of it they use, the hot and the cold part of their working sets, and the levels at which they work. What they send each
 * other is not seen: `flows` is empty.
 *
 * Owns their dirty logs until it settles. The guests run on.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, ERR_VMBUDDIES_DIRTY_LOG_BUSY; ERR_VMBUDDIES_STATE if it was to end
 * before a first quarter of a second was over
 */
export async function profileDomains(
  domains: readonly Domain[],
  options: ProfileDomainsOptions = {},
): Promise<PlannedApplication> {
  requireList('domains', domains);
  for (const domain of domains) checkDomain(domain);
  requireObject('options', options);
  const { name = 'application', durationMs = standardMs, tracker, signal } = options;
  if (!(durationMs >= 1 && durationMs <= maxProfileMs)) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_ARGUMENT',
      `durationMs must be from 1 to ${maxProfileMs}, not ${durationMs}`,
    );
  }
  if (domains.length === 0) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'there is no domain to profile');
  const planned = await Promise.all(
    domains.map(async (domain) => {
      const recording = await recordDirtying(domain, { durationMs, tracker, signal }, hostClock);
      if (recording.windows.length === 0) {
        throw new VmbuddiesError('ERR_VMBUDDIES_STATE', `${domain.name} was not watched long enough to tell anything`, {
          domain: domain.name,
        });
      }
      return describe(domain, await domain.usedBytes(), fitLoad(recording, domain.info().presentBytes / pageBytes));
    }),
  );
  return { name, domains: planned, flows: [] };
}

function describe(domain: Domain, used: number | null, load: FittedLoad): PlannedDomain {
  const memoryBytes = floorPages(domain.info().presentBytes);
  const usedBytes = used === null ? null : Math.min(ceilPages(used), memoryBytes);
  const levels = load.levels.kind;
  return {
    name: domain.name,
    tier: domain.name,
    memoryBytes,
    usedBytes,
    workload: { ...workloadOf(load, usedBytes ?? memoryBytes), usedBytes: usedBytes ?? memoryBytes },
    noise: levels === 'idle' ? 0 : share(load.levels.noise),
  };
}

function workloadOf(
  { hot, cold, levels }: FittedLoad,
  usedBytes: number,
): Omit<PlannedDomain['workload'], 'usedBytes'> {
  const usedPages = usedBytes / pageBytes;
  const hotPages = hot.writesPerSecond > 0 ? Math.min(Math.max(Math.round(hot.pages), 1), usedPages) : 0;
  const room = usedPages - hotPages;
  const coldPages = cold.writesPerSecond > 0 ? Math.min(Math.max(Math.round(cold.pages), 1), room) : 0;
  const writes = {
    wwsBytes: (hotPages + coldPages) * pageBytes,
    hotBytes: hotPages * pageBytes,
    hotWritesPerSecond: hotPages > 0 ? rate(hot.writesPerSecond) : 0,
    coldWritesPerSecond: coldPages > 0 ? rate(cold.writesPerSecond) : 0,
  };
  const still = { lowLevel: 1, periodMs: 0, phase: 0 };
  switch (levels.kind) {
    case 'idle':
      return { kind: 'idle', ...writes, ...still };
    case 'steady':
      return { kind: 'steady', ...writes, ...still };
    case 'on-off': {
      const [low, duty, phase] = [share(levels.low), share(levels.duty), share(levels.phase)];
      const periodMs = Math.max(Math.round(levels.periodSeconds * 1000), 1);
      const steps = [
        { seconds: (duty * periodMs) / 1000, level: 1 },
        { seconds: ((1 - duty) * periodMs) / 1000, level: low },
      ];
      return { kind: 'trace', ...writes, levels: steps, lowLevel: low, periodMs, phase };
    }
    case 'trace': {
      const steps = levels.levels.map(({ seconds, level }) => ({
        seconds: Math.max(Math.round(seconds * 1000), 1) / 1000,
        level: share(level),
      }));
      const periodMs = steps.reduce((sum, { seconds }) => sum + seconds, 0) * 1000;
      const lowLevel = Math.min(...steps.map(({ level }) => level));
      return { kind: 'trace', ...writes, levels: steps, lowLevel, periodMs, phase: 0 };
    }
  }
}

function rate(writesPerSecond: number): number {
  return Math.min(Number(writesPerSecond.toPrecision(4)), maxWritesPerSecond);
}

function share(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function floorPages(bytes: number): number {
  return Math.max(Math.floor(bytes / pageBytes), 256) * pageBytes;
}

function ceilPages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}
