import type { SimulatedDomain } from '../simulate/simulation.ts';
import type { PlannedDomain } from './application.ts';

/** The domains as the simulator takes them; each has the number after its neighbour's for a seed. */
export function simulatedDomains(domains: readonly PlannedDomain[], seed: number): SimulatedDomain[] {
  return domains.map(({ name, memoryBytes, usedBytes, workload, noise }, index) => ({
    name,
    memoryBytes,
    workload: { ...workload, seed: (seed + index) % 2 ** 32 },
    noise,
    tellsUsedMemory: usedBytes !== null,
  }));
}
