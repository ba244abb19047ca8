import type { SimWorkload } from '../domains/domain.ts';
import type { Flow } from '../group/application.ts';
import { requireInteger, requireObject, requireObjects, requirePositive, requireText } from '../model/check.ts';

/** What is known of one domain of an application: enough to predict its migration and to simulate it. */
export interface PlannedDomain {
  readonly name: string;
  /** The function it has; domains of one tier are replicas of each other. Its own name, if it has no replicas. */
  readonly tier: string;
  readonly memoryBytes: number;
  /** Memory that the guest needs; null: nobody knows, so none is given back before it moves. */
  readonly usedBytes: number | null;
  /** What it does to its memory. `usedBytes` here is all memory where nobody knows better. */
  readonly workload: Omit<SimWorkload, 'seed'>;
  /** Lognormal sigma of each second's work; 0: none. */
  readonly noise: number;
}

/** An application as a file describes it. */
export interface PlannedApplication {
  readonly name: string;
  /** At least one; names differ. */
  readonly domains: readonly PlannedDomain[];
  readonly flows: readonly Flow[];
}

/** Refuses what is no application at all. @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming what is wrong */
export function checkApplication(application: PlannedApplication): void {
  requireObject('application', application);
  requireObjects('application.domains', application.domains);
  requireInteger('the number of domains', application.domains.length, 1, Number.MAX_SAFE_INTEGER);
  requireObjects('application.flows', application.flows);
  for (const [index, { name, memoryBytes, workload }] of application.domains.entries()) {
    requireText(`application.domains[${index}].name`, name);
    requirePositive(`memoryBytes of ${name}`, memoryBytes);
    requireObject(`workload of ${name}`, workload);
  }
}
