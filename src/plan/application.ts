import type { SimWorkload } from '../domains/domain.ts';
import type { Flow } from '../group/application.ts';

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
