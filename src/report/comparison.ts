import type { GroupOutcome } from '../index.ts';
import { formatDuration, formatSize } from '../units.ts';
import type { Table } from './table.ts';

const measures: readonly {
  readonly title: string;
  of(outcome: GroupOutcome): number;
  format(value: number): string;
}[] = [
  { title: 'COMPLETION', of: (outcome) => outcome.completionMs, format: formatDuration },
  { title: 'TRAFFIC', of: (outcome) => outcome.trafficBytes, format: formatSize },
  { title: 'DOWNTIME', of: (outcome) => outcome.downtimeMs, format: formatDuration },
  { title: 'UNSYNCHRONISED', of: (outcome) => outcome.unsynchronisedMs, format: formatDuration },
];

/**
 * One row per migration, each figure with its ratio to the baseline's: `ns`, which is how it goes without this package,
 * or the first one where `ns` is not among them. A ratio below one is a saving. Where no guest was looked at afterwards, as in
 * a simulation, nothing is said of that.
 */
export function comparisonTable(outcomes: readonly GroupOutcome[]): Table {
  const baseline = outcomes.find((outcome) => outcome.strategy === 'ns') ?? outcomes[0];
  const looked = outcomes.some(({ domains }) => domains.some(({ verified }) => verified !== null));
  return {
    columns: [
      { title: 'STRATEGY' },
      ...measures.flatMap(({ title }) => [
        { title, align: 'right' } as const,
        { title: `÷ ${baseline?.strategy}`, align: 'right' } as const,
      ]),
      ...(looked ? [{ title: 'VERIFIED' }] : []),
    ],
    rows: outcomes.map((outcome) => [
      outcome.strategy,
      ...measures.flatMap(({ of, format }) => [format(of(outcome)), ratio(of(outcome), of(baseline!))]),
      ...(looked ? [verifiedText(outcome)] : []),
    ]),
  };
}

function ratio(value: number, baseline: number): string {
  return baseline > 0 ? (value / baseline).toPrecision(2) : '-';
}

function verifiedText({ domains }: GroupOutcome): string {
  return `${domains.filter(({ verified }) => verified === true).length} of ${domains.length}`;
}
