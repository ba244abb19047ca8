import type { SimWorkload } from '../domains/info.ts';
import { VmbuddiesError } from '../errors.ts';
import { requireObject, requireObjects, requireText } from '../model/check.ts';
import {
  maxBytesPerSecond,
  maxProfileMs,
  maxTimeMs,
  maxTraceLevels,
  maxWritesPerSecond,
  minLinkBytesPerSecond,
  minMemoryBytes,
  minTimeMs,
} from './limits.ts';
import type { SimulatedDomain, SimulationOptions } from './simulation.ts';

/** Refuses what no simulation can be made of. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, naming it */
export function checkSimulation(options: SimulationOptions): void {
  requireObject('options', options);
  const { domains, linkBytesPerSecond, latencyMs = 0, loss = 0, flows = [], faults = [], seed = 1 } = options;
  const { startAtMs = 0, statusEveryMs = 1, costs = { connectSeconds: 0, mostBytesPerSecond: 1 } } = options;
  const { profileMs = 1, maxDowntimeMs = 1 } = options;
  require(linkBytesPerSecond >= minLinkBytesPerSecond &&
    linkBytesPerSecond <= maxBytesPerSecond, 'linkBytesPerSecond must be from 1 to 1e15');
  require(isTime(latencyMs), 'latencyMs must be from 0 to a year');
  require(profileMs >= 1 && profileMs <= maxProfileMs, 'profileMs must be from 1 to 3600000');
  require(maxDowntimeMs >= minTimeMs, 'maxDowntimeMs must be at least 0.001');
  require(loss >= 0 && loss < 1, 'loss must be from 0 to below 1');
  require(isTime(startAtMs), 'startAtMs must be from 0 to a year');
  require(isAmount(costs.connectSeconds), 'connectSeconds must be finite and not negative');
  require(costs.mostBytesPerSecond > 0, 'mostBytesPerSecond must be more than 0');
  require(statusEveryMs > 0 && statusEveryMs < Infinity, 'statusEveryMs must be finite and more than 0');
  require(Number.isInteger(seed), 'seed must be a whole number');
  requireObjects('domains', domains);
  requireObjects('flows', flows);
  requireObjects('faults', faults);
  for (const domain of domains) checkDomain(domain);
  const names = new Set(domains.map(({ name }) => name));
  const checkName = (what: string, name: string) =>
    require(names.has(name), `a ${what} names ${name}, which is not among the domains`);
  for (const { from, to, bytesPerSecond } of flows) {
    checkName('flow', from);
    checkName('flow', to);
    const isFlow = bytesPerSecond >= 0 && bytesPerSecond <= maxBytesPerSecond;
    require(isFlow, `bytesPerSecond from ${from} to ${to} must be from 0 to 1e15`);
  }
  for (const fault of faults) {
    if ('domain' in fault) checkName('fault', fault.domain);
    if ('when' in fault) checkName('fault', fault.when.domain);
    if ('atMs' in fault) require(isTime(fault.atMs), 'atMs of a fault must be from 0 to a year');
  }
}

function checkDomain({ name, memoryBytes, workload, noise = 0, zeroBytes = 0 }: SimulatedDomain): void {
  requireText('the name of a domain', name);
  requireObject(`workload of ${name}`, workload);
  const check = (holds: boolean, what: string) => require(holds, `${name}: ${what}`);
  check(memoryBytes >= minMemoryBytes && Number.isSafeInteger(memoryBytes), 'memoryBytes must be 1 MiB or more');
  check(noise >= 0 && noise <= 1, 'noise must be from 0 to 1');
  check(isAmount(zeroBytes), 'zeroBytes must be finite and not negative');
  checkWorkload(workload, memoryBytes, check);
}

/** As native/process/workload.cc has it. */
function checkWorkload(
  workload: SimWorkload,
  memoryBytes: number,
  check: (holds: boolean, what: string) => void,
): void {
  const { levels = [] } = workload;
  const { usedBytes, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond, lowLevel, periodMs, phase } =
    workload;
  const changes = workload.kind === 'on-off' || workload.kind === 'waves';
  check(usedBytes >= 0 && usedBytes <= memoryBytes, 'usedBytes must not exceed memoryBytes');
  check(wwsBytes >= 0 && wwsBytes <= usedBytes, 'wwsBytes must not exceed usedBytes');
  check(hotBytes >= 0 && hotBytes <= wwsBytes, 'hotBytes must not exceed wwsBytes');
  check(isWrites(hotWritesPerSecond) && isWrites(coldWritesPerSecond), 'writes per second must be from 0 to 1e9');
  check(hotWritesPerSecond === 0 || hotBytes > 0, 'a hot rate needs hot pages');
  check(
    coldWritesPerSecond === 0 || wwsBytes > hotBytes,
    'a cold rate needs pages in the working set that are not hot',
  );
  check(lowLevel >= 0 && lowLevel <= 1, 'lowLevel must be from 0 to 1');
  check(phase >= 0 && phase <= 1, 'phase must be from 0 to 1');
  check(isTime(periodMs) && (periodMs >= 1 || !changes), 'a workload that changes needs a period of 1 ms to a year');
  if (workload.kind !== 'trace') return;
  check(levels.length > 0 && levels.length <= maxTraceLevels, 'a trace needs 1 to 10 000 levels');
  const areSteps = levels.every(
    ({ seconds, level }) => isTime(seconds * 1000) && seconds * 1000 >= minTimeMs && level >= 0 && level <= 1,
  );
  check(areSteps, 'each level of a trace must be from 0 to 1, and last from a microsecond to a year');
}

function isTime(ms: number): boolean {
  return ms >= 0 && ms <= maxTimeMs;
}

function isWrites(perSecond: number): boolean {
  return perSecond >= 0 && perSecond <= maxWritesPerSecond;
}

function isAmount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

function require(holds: boolean, message: string): void {
  if (!holds) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
