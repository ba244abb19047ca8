import type { GroupEvent, GroupStatus, Round } from '../../index.ts';
import { formatDuration, formatRate, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { liveTable } from './live-table.ts';

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
  const { region } = cli;
  const redraw = () => region?.draw(liveTable(run.status(), region.size));
  const timer = region === null ? undefined : setInterval(redraw, redrawMs);
  try {
    for await (const event of run) {
      const isProgress = event.type === 'round' || event.type === 'rates';
      if (!isProgress) cli.noteProse(eventLine(event));
      else if (region === null) cli.progress(eventLine(event));
      redraw();
    }
  } finally {
    clearInterval(timer);
    region?.draw([]);
  }
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
      return `${event.domain}: the dirty rate is now ${formatRate(event.toBytesPerSecond)}; it was ${formatRate(event.fromBytesPerSecond)}`;
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
