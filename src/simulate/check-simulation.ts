import type { Workload } from '../domains/info.ts';
import { VmbuddiesError } from '../errors.ts';
import type { SimulatedDomain, SimulationOptions } from './simulation.ts';

const leastMemoryBytes = 2 ** 20;

/** Refuses what no simulation can be made of. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, naming it */
export function checkSimulation(options: SimulationOptions): void {
  const { domains, linkBytesPerSecond, latencyMs = 0, loss = 0, flows = [], faults = [], seed = 1 } = options;
  const { startAtMs = 0, statusEveryMs = 1 } = options;
  require(linkBytesPerSecond > 0 && linkBytesPerSecond < Infinity, 'linkBytesPerSecond must be finite and more than 0');
  require(isAmount(latencyMs), 'latencyMs must be finite and not negative');
  require(loss >= 0 && loss < 1, 'loss must be from 0 to below 1');
  require(isAmount(startAtMs), 'startAtMs must be finite and not negative');
  require(statusEveryMs > 0 && statusEveryMs < Infinity, 'statusEveryMs must be finite and more than 0');
  require(Number.isInteger(seed), 'seed must be a whole number');
  for (const domain of domains) checkDomain(domain);
  const names = new Set(domains.map(({ name }) => name));
  const checkName = (what: string, name: string) =>
    require(names.has(name), `a ${what} names ${name}, which is not among the domains`);
  for (const { from, to, bytesPerSecond } of flows) {
    checkName('flow', from);
    checkName('flow', to);
    require(isAmount(bytesPerSecond), `bytesPerSecond from ${from} to ${to} must be finite and not negative`);
  }
  for (const fault of faults) {
    if ('domain' in fault) checkName('fault', fault.domain);
    if ('when' in fault) checkName('fault', fault.when.domain);
    if ('atMs' in fault) require(isAmount(fault.atMs), 'atMs of a fault must be finite and not negative');
  }
}

function checkDomain({ name, memoryBytes, workload, noise = 0, zeroBytes = 0 }: SimulatedDomain): void {
  const check = (holds: boolean, what: string) => require(holds, `${name}: ${what}`);
  check(memoryBytes >= leastMemoryBytes && Number.isSafeInteger(memoryBytes), 'memoryBytes must be 1 MiB or more');
  check(isAmount(noise), 'noise must be finite and not negative');
  check(isAmount(zeroBytes), 'zeroBytes must be finite and not negative');
  checkWorkload(workload, memoryBytes, check);
}

/** As native/process/workload.cc has it. */
function checkWorkload(workload: Workload, memoryBytes: number, check: (holds: boolean, what: string) => void): void {
  const { usedBytes, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond, lowLevel, periodMs, phase } =
    workload;
  const changes = workload.kind === 'on-off' || workload.kind === 'waves';
  check(usedBytes >= 0 && usedBytes <= memoryBytes, 'usedBytes must not exceed memoryBytes');
  check(wwsBytes >= 0 && wwsBytes <= usedBytes, 'wwsBytes must not exceed usedBytes');
  check(hotBytes >= 0 && hotBytes <= wwsBytes, 'hotBytes must not exceed wwsBytes');
  check(isAmount(hotWritesPerSecond) && isAmount(coldWritesPerSecond), 'writes per second must be finite, 0 or more');
  check(hotWritesPerSecond === 0 || hotBytes > 0, 'a hot rate needs hot pages');
  check(
    coldWritesPerSecond === 0 || wwsBytes > hotBytes,
    'a cold rate needs pages in the working set that are not hot',
  );
  check(lowLevel >= 0 && lowLevel <= 1, 'lowLevel must be from 0 to 1');
  check(phase >= 0 && phase <= 1, 'phase must be from 0 to 1');
  check(isAmount(periodMs) && (periodMs > 0 || !changes), 'a workload that changes needs a period');
}

function isAmount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

function require(holds: boolean, message: string): void {
  if (!holds) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
