import type { Table } from '../report/table.ts';
import { formatRate, formatSize } from '../units.ts';
import type { Scenario } from './scenario.ts';

/** Says what is about to be migrated, and which of its numbers are the paper's. */
export function describeScenario(scenario: Scenario): string {
  const { scale, linkBytesPerSecond, timeFactor } = scenario;
  return (
    `The paper's D&H application at ${fraction(scale)} of its memory, over ${formatRate(linkBytesPerSecond)}: ` +
    `everything happens ${Number(timeFactor.toPrecision(3))} times as fast as there, and dirty rate ÷ link rate is kept.\n` +
    'From the paper: memory, WWS (Table 2), 500 and 1000 users in turn, the link. Chosen: used, hot part, write rates.'
  );
}

export function scenarioTable(scenario: Scenario): Table {
  return {
    columns: [
      { title: 'DOMAIN' },
      { title: 'MEMORY', align: 'right' },
      { title: 'WWS', align: 'right' },
      { title: 'USED', align: 'right' },
      { title: 'HOT', align: 'right' },
      { title: 'HOT WRITES', align: 'right' },
      { title: 'COLD WRITES', align: 'right' },
    ],
    rows: scenario.domains.map(({ name, memoryBytes, workload }) => [
      name,
      formatSize(memoryBytes),
      formatSize(workload.wwsBytes),
      formatSize(workload.usedBytes),
      formatSize(workload.hotBytes),
      `${Math.round(workload.hotWritesPerSecond)}/s`,
      `${Math.round(workload.coldWritesPerSecond)}/s`,
    ]),
  };
}

function fraction(scale: number): string {
  return Number.isInteger(1 / scale) && scale < 1 ? `1/${1 / scale}` : String(scale);
}
