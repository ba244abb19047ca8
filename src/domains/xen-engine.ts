import { native, saveProgram } from '../native/load.ts';
import { transportCommand } from '../transfer/transport.ts';
import { domainConfig } from '../transfer/xl.ts';
import { xlHeader } from '../transfer/xl-header.ts';
import type { EngineName, EngineOptions, MigrationEngine } from './engine.ts';
import { maxPauseSeconds, NativeEngine } from './native-engine.ts';
import { remoteHost } from './xen-destination.ts';

/** As libxl allows the guest (libxl_dom_suspend.c). */
const usualSuspendTimeoutMs = 60_000;
/** The transport connects, and xl starts at the destination. */
const connectTimeoutSeconds = 30;
/** The receiver builds the domain and attaches its devices before it answers. */
const stallTimeoutSeconds = 120;

export interface XenEngineSubject {
  readonly name: string;
  readonly domid: number;
  readonly engine: EngineName;
  /** What its memory is held at; 0 where it is not, and goes with the target that it happens to have. */
  readonly targetBytes: number;
}

/** A migration of a Xen domain, not yet begun, to `xl migrate-receive`. */
export function openXenEngine(
  { name, domid, engine, targetBytes }: XenEngineSubject,
  options: EngineOptions,
): MigrationEngine {
  const { to, stopRule, maxDowntimeMs, suspendTimeoutMs, xen } = options;
  return new NativeEngine(name, async () => {
    // The receiver caps the domain at the memory target named here. What xl reads at this moment may be another than what
    // the guest has, and is held at, when somebody has just set it: then the migration ends before it sends a page.
    const header = xlHeader(await domainConfig(domid), targetBytes);
    return native().openXenMigration({
      domid,
      targetBytes,
      engine,
      saveProgram: saveProgram(),
      transport: transportCommand({ ...remoteHost(to, xen.ssh), remote: ['xl', 'migrate-receive'] }),
      header,
      verify: xen.verifyStream,
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
    });
  });
}
