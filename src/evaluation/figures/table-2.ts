import type { FigureRecipe } from '../figure.ts';
import { type Tier, tiers, type WorkloadName, workingSetBytes, workingSetSeconds, workloadNames } from '../paper.ts';
import { formatNumber } from '../statistics.ts';
import { watchedMemory } from '../workloads.ts';

const MiB = 2 ** 20;

/** Table 2: the log is cleaned once and looked at after four minutes (§5.2). */
export const table2: FigureRecipe = {
  name: 'table-2',
  cells: [],
  draw: () => ({
    name: 'table-2',
    title: 'Table 2: writable working sets after four minutes, MB',
    table: {
      columns: [
        { title: 'WORKLOAD' },
        ...tiers.flatMap((tier) => [
          { title: `${tier.toUpperCase()}, PAPER`, align: 'right' } as const,
          { title: 'HERE', align: 'right' } as const,
        ]),
      ],
      rows: workloadNames.map((workload) => [
        workload,
        ...tiers.flatMap((tier) => [
          formatNumber(workingSetBytes[workload][tier] / MiB),
          formatNumber(seenBytes(workload, tier) / MiB),
        ]),
      ]),
    },
    charts: [],
    claims: [],
    notes: ['Fitted: the part of memory that is written is chosen so. MB of memory are read as MiB.'],
  }),
};

function seenBytes(workload: WorkloadName, tier: Tier): number {
  const memory = watchedMemory(workload, tier);
  memory.clean(0);
  return memory.dirtyPages(workingSetSeconds) * 4096;
}
