import { native } from '../native/load.ts';
import { parseAddress } from './address.ts';
import type { EngineOptions, MigrationEngine } from './engine.ts';
import { maxPauseSeconds, NativeEngine } from './native-engine.ts';

const usualSuspendTimeoutMs = 5_000;
const connectTimeoutSeconds = 10;
const stallTimeoutSeconds = 30;

/** A migration of a process domain, not yet begun. */
export function openProcessEngine(registry: string, domain: string, options: EngineOptions): MigrationEngine {
  const { to, stopRule, maxDowntimeMs, suspendTimeoutMs, tracker, secret } = options;
  return new NativeEngine(domain, async () =>
    native().openMigration({
      registry,
      domain,
      ...parseAddress(to),
      secret,
      tracker,
      stopRule,
      downtimeSeconds: stopRule === 'downtime' ? (maxDowntimeMs ?? 0) / 1000 : 0,
      maxPauseSeconds: maxPauseSeconds(maxDowntimeMs),
      bytesPerSecond: Number.POSITIVE_INFINITY, // until it begins
      holdAtStart: true,
      holdAtSynchropoint: true,
      holdWhenPrepared: true,
      suspendTimeoutSeconds: (suspendTimeoutMs ?? usualSuspendTimeoutMs) / 1000,
      connectTimeoutSeconds,
      stallTimeoutSeconds,
    }),
  );
}
