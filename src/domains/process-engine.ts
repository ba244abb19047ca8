import { VmbuddiesError } from '../errors.ts';
import { native } from '../native/load.ts';
import type { EngineEvent, EngineOptions, EngineOutcome, MigrationEngine } from './domain.ts';

const suspendTimeoutSeconds = 5;
const connectTimeoutSeconds = 10;
const stallTimeoutSeconds = 30;

/** A migration of a process domain, not yet begun. */
export function openProcessEngine(registry: string, domain: string, options: EngineOptions): MigrationEngine {
  const { host, port, stopRule, maxDowntimeMs, bytesPerSecond, tracker } = options;
  const engine = checked(domain, () =>
    native().openMigration({
      registry,
      domain,
      host,
      port,
      tracker,
      stopRule,
      downtimeSeconds: (maxDowntimeMs ?? 0) / 1000,
      bytesPerSecond,
      holdAtSynchropoint: true,
      holdWhenPrepared: true,
      suspendTimeoutSeconds,
      connectTimeoutSeconds,
      stallTimeoutSeconds,
    }),
  );
  return {
    async run(onEvent: (event: EngineEvent) => void): Promise<EngineOutcome> {
      try {
        return await engine.run(onEvent);
      } catch (thrown) {
        throw VmbuddiesError.from(thrown, { domain });
      }
    },
    setRate: (rate) => checked(domain, () => engine.setRate(rate)),
    catchUp: () => engine.catchUp(),
    stopAndCopy: () => engine.stopAndCopy(),
    commit: () => engine.commit(),
    abort: () => engine.abort(),
  };
}

function checked<Result>(domain: string, call: () => Result): Result {
  try {
    return call();
  } catch (thrown) {
    throw VmbuddiesError.from(thrown, { domain });
  }
}
