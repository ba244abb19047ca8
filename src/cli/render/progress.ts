import type { DomainStatus, GroupEvent, GroupStatus, Round } from '../../index.ts';
import type { Column } from '../../report/table.ts';
import { formatDuration, formatRate, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { renderTable } from './table.ts';

const pageBytes = 4096;
const redrawMs = 100;

/** A migration under way, as far as it is shown. */
export interface Shown extends AsyncIterable<GroupEvent> {
  status(): GroupStatus;
}

/**
 * Shows a group's migration on stderr until its last event: on a terminal a table of the domains that is redrawn
 * in place under the lines about what was decided, elsewhere one plain line per round, state and decision.
 */
export async function showProgress(cli: Cli, run: Shown): Promise<void> {
  const region = cli.openRegion();
  const style = cli.style('stderr');
  const redraw = () => region?.draw(renderTable({ columns, rows: run.status().domains.map(progressCells) }, style));
  const timer = region === null ? undefined : setInterval(redraw, redrawMs);
  try {
    for await (const event of run) {
      // In the table rounds and rates are seen without a line each.
      if (region === null || (event.type !== 'round' && event.type !== 'rates')) cli.note(eventLine(event));
      redraw();
    }
  } finally {
    clearInterval(timer);
    cli.closeRegion();
  }
}

const columns: readonly Column[] = [
  { title: 'DOMAIN' },
  { title: 'STATE' },
  { title: 'ROUND', align: 'right' },
  { title: 'OF IT', align: 'right' },
  { title: 'SENT', align: 'right' },
  { title: 'DIRTIED', align: 'right' },
  { title: 'RATE', align: 'right' },
  { title: 'FINISH IN', align: 'right' },
];

function progressCells(domain: DomainStatus): string[] {
  const share = domain.roundPages === 0 ? '-' : `${Math.floor((100 * domain.roundDonePages) / domain.roundPages)} %`;
  return [
    domain.name,
    domain.activity,
    String(domain.round),
    share,
    formatSize(domain.sentBytes),
    formatSize(domain.dirtyPages * pageBytes),
    domain.bytesPerSecond === 0 ? '-' : formatRate(domain.bytesPerSecond),
    domain.etaMs === null ? '-' : formatDuration(domain.etaMs),
  ];
}

/** One event as one line. */
export function eventLine(event: GroupEvent): string {
  switch (event.type) {
    case 'round':
      return `${event.domain}: ${roundText(event.round)}`;
    case 'state':
      return `${event.domain}: ${event.state}${event.stopReason === null ? '' : ` (${event.stopReason.message})`}`;
    case 'decision':
      return `decision: ${event.decision}${because(event.reason)}`;
    case 'balloon':
      return `${event.domain}: ballooned from ${formatSize(event.fromBytes)} to ${formatSize(event.toBytes)}${because(event.reason)}`;
    case 'balloon-skipped':
      return `${event.domain}: memory left as it is${because(event.reason)}`;
    case 'phase':
      return `${event.domain}: dirties ${formatRate(event.toBytesPerSecond)}, no longer ${formatRate(event.fromBytesPerSecond)}`;
    case 'rates': {
      const rates = Object.entries(event.bytesPerSecond).map(([name, rate]) => `${name} ${formatRate(rate)}`);
      return `rates: ${rates.join(', ')}`;
    }
  }
}

function roundText(round: Round): string {
  const sent = `${formatSize(round.sentBytes)} sent in ${formatDuration(round.seconds * 1000)}`;
  const dirtied = `${formatSize(round.dirtiedPages * pageBytes)} dirtied`;
  return `${round.kind === 'precopy' ? 'round' : `${round.kind} round`} ${round.round}: ${sent}, ${dirtied}`;
}

function because(reason: string | null): string {
  return reason === null || reason === '' ? '' : ` (${reason})`;
}
