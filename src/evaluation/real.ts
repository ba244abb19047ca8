import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import { type DemoWatcher, runDemo } from '../demo/run.ts';
import type { Workload } from '../domains/info.ts';
import type { Table } from '../report/table.ts';
import { simulateGroup } from '../simulate/simulation.ts';
import { compared, memoryBytes, type TestbedName, testbeds, tiers, type WorkloadName } from './paper.ts';
import { formatChange, formatNumber } from './statistics.ts';
import { type Cell, cellName } from './trials.ts';
import { tierWorkload } from './workloads.ts';

const pageBytes = 4096;

/** What both ways agree in: process domains have no noise, no latency and no application that would share the link. */
export interface RealCell extends Cell {
  /** Memory as a share of the paper's; everything happens 1/scale times as fast. */
  readonly scale: number;
}

export interface Agreement {
  readonly cell: RealCell;
  readonly simulated: GroupOutcome;
  readonly real: GroupOutcome;
}

/** D&H and S&L at both speeds, under every strategy. */
export function realCells(scale: number): RealCell[] {
  const workloads: readonly WorkloadName[] = ['D&H', 'S&L'];
  return workloads.flatMap((workload) =>
    (Object.keys(testbeds) as TestbedName[]).flatMap((testbed) =>
      compared.map((strategy) => ({ workload, testbed, strategy, scale })),
    ),
  );
}

/** Moves process domains, real bytes over a real socket, and the same group in the simulator. */
export async function compareWithReal(cell: RealCell, watcher: DemoWatcher, signal: AbortSignal): Promise<Agreement> {
  const { linkBytesPerSecond } = testbeds[cell.testbed];
  const { strategy, scale } = cell;
  const domains = scaledDomains(cell);
  const real = await runDemo(
    { domains, linkBytesPerSecond, scale, seed: 1, timeFactor: 1 / scale },
    strategy,
    watcher,
    signal,
  );
  const { outcome: simulated } = await simulateGroup({
    domains,
    linkBytesPerSecond,
    strategy,
  });
  return { cell, simulated, real };
}

export function agreementTable(agreements: readonly Agreement[]): Table {
  const measures = [
    { title: 'COMPLETION, s', of: ({ completionMs }: GroupOutcome) => completionMs / 1000 },
    { title: 'TRAFFIC, MB', of: ({ trafficBytes }: GroupOutcome) => trafficBytes / 1e6 },
    { title: 'DOWNTIME, s', of: ({ downtimeMs }: GroupOutcome) => downtimeMs / 1000 },
  ];
  return {
    columns: [
      { title: 'CELL' },
      ...measures.flatMap(({ title }) =>
        [`${title}: SIMULATED`, 'REAL', 'ERROR'].map((text) => ({ title: text, align: 'right' }) as const),
      ),
    ],
    rows: agreements.map(({ cell, simulated, real }) => [
      cellName(cell),
      ...measures.flatMap(({ of }) => [
        formatNumber(of(simulated)),
        formatNumber(of(real)),
        formatChange(of(simulated) / of(real)),
      ]),
    ]),
  };
}

/** Memory is scaled and with it every time; rates and link stay, so that every convergence coefficient d/r does. */
function scaledDomains({ workload, scale }: RealCell) {
  const scaled = (bytes: number) => Math.round((bytes * scale) / pageBytes) * pageBytes;
  return tiers.map((name, index) => {
    const full = tierWorkload(workload, name, 1 + index);
    const guest: Workload = {
      ...full,
      usedBytes: scaled(full.usedBytes),
      wwsBytes: scaled(full.wwsBytes),
      hotBytes: scaled(full.hotBytes),
      periodMs: full.periodMs * scale,
    };
    return { name, memoryBytes: scaled(memoryBytes), workload: guest };
  });
}
