import type { GroupOutcome } from '../index.ts';
import { formatDuration, formatSize } from '../units.ts';
import type { Table } from './table.ts';

/** What became of each domain. */
export function domainsTable(outcome: GroupOutcome): Table {
  return {
    columns: [
      { title: 'DOMAIN' },
      { title: 'AT' },
      { title: 'ROUNDS', align: 'right' },
      { title: 'SENT', align: 'right' },
      { title: 'COMPLETION', align: 'right' },
      { title: 'DOWNTIME', align: 'right' },
      { title: 'BY GUEST', align: 'right' },
      { title: 'STOPPED BY', wraps: true },
    ],
    rows: outcome.domains.map((domain) => [
      domain.name,
      domain.where,
      String(domain.rounds),
      formatSize(domain.sentBytes),
      domain.where === 'destination' ? formatDuration(domain.completionMs) : '-',
      formatDuration(domain.downtimeMs),
      domain.guestGapMs === null ? '-' : formatDuration(domain.guestGapMs),
      domain.stopReason,
    ]),
  };
}

/** The group's figures in one line. */
export function groupLine(outcome: GroupOutcome): string {
  return [
    `${outcome.strategy}: ${outcome.outcome} in ${formatDuration(outcome.completionMs)}`,
    `traffic ${formatSize(outcome.trafficBytes)}`,
    `downtime ${formatDuration(outcome.downtimeMs)}${byGuests(outcome)}`,
    `unsynchronised ${formatDuration(outcome.unsynchronisedMs)}`,
  ].join(', ');
}

/** What the guests themselves found, the longest of them. */
function byGuests({ guestGapMs }: GroupOutcome): string {
  return guestGapMs === null ? '' : ` (by the guests ${formatDuration(guestGapMs)})`;
}
