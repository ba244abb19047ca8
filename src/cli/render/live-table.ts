import type { DomainActivity, DomainStatus, GroupStatus } from '../../index.ts';
import { formatDuration, formatRate, formatSize } from '../../units.ts';
import type { Size } from '../printer.ts';
import { cut, dim, type Line, widthOf } from '../text.ts';
import { renderTable } from './table.ts';

const pageBytes = 4096;
const minNameWidth = 8;

/** What is under way is shown before what waits for it, and that before what is over. */
const byConcern: readonly DomainActivity[] = [
  'failed',
  'stopping',
  'committing',
  'prepared',
  'sending',
  'catching-up',
  'connecting',
  'ballooning',
  'profiling',
  'waiting',
  'parked',
  'queued',
  'aborted',
  'committed',
];

interface LiveColumn {
  readonly title: string;
  readonly align?: 'right';
  /** The less important goes first where there is no room. */
  readonly importance: number;
  /** '' where there is nothing to say. */
  cell(domain: DomainStatus): string;
}

const columns: readonly LiveColumn[] = [
  { title: 'STATE', importance: 9, cell: ({ activity }) => activity },
  {
    title: 'ROUND',
    align: 'right',
    importance: 4,
    cell: ({ round, roundPages, sentBytes }) => (roundPages === 0 && sentBytes === 0 ? '' : String(round)),
  },
  {
    title: 'OF IT',
    align: 'right',
    importance: 6,
    cell: ({ roundPages, roundDonePages }) =>
      roundPages === 0 ? '' : `${Math.floor((100 * roundDonePages) / roundPages)} %`,
  },
  {
    title: 'SENT',
    align: 'right',
    importance: 7,
    cell: ({ sentBytes }) => (sentBytes === 0 ? '' : formatSize(sentBytes)),
  },
  {
    title: 'DIRTIED',
    align: 'right',
    importance: 3,
    cell: ({ dirtyPages }) => (dirtyPages === 0 ? '' : formatSize(dirtyPages * pageBytes)),
  },
  {
    title: 'RATE',
    align: 'right',
    importance: 5,
    cell: ({ activity, bytesPerSecond }) =>
      bytesPerSecond === 0 || activity === 'parked' || activity === 'queued' ? '' : formatRate(bytesPerSecond),
  },
  {
    title: 'FINISH IN',
    align: 'right',
    importance: 8,
    cell: ({ etaMs }) => (etaMs === null ? '' : wholeSeconds(etaMs)),
  },
];

/**
 * A group under way as lines for a terminal of that size: narrower than it, and fewer than its rows, so that they can be
 * redrawn in place. Columns are left out where there is no room or nothing to say, and domains where there are too many.
 */
export function liveTable(status: GroupStatus, { columns: room, rows }: Size): Line[] {
  const width = room - 1;
  const height = rows - 1;
  const { domains } = status;
  const shown = domains.length + 2 <= height ? domains : mostPressing(domains, Math.max(height - 3, 0));
  const lines = [
    summary(status, width),
    ...domainLines(shown, width),
    ...(shown.length < domains.length ? [rest(domains.filter((domain) => !shown.includes(domain)))] : []),
  ];
  return lines.slice(0, height).map((line) => cut(line, width));
}

/** The group in one line; what says least is left out where there is no room. */
function summary(status: GroupStatus, width: number): Line {
  const { phase, elapsedMs, etaMs, predictedTotalMs, sentBytes, predictedBytes } = status;
  const total = predictedTotalMs === null ? '' : ` of ${wholeSeconds(predictedTotalMs)}`;
  const amount = predictedBytes === null ? '' : ` of ${formatSize(predictedBytes)}`;
  const parts = [
    phase,
    `${wholeSeconds(elapsedMs)}${total}`,
    ...(etaMs === null ? [] : [`${wholeSeconds(etaMs)} left`]),
    ...(sentBytes === 0 ? [] : [`${formatSize(sentBytes)}${amount} sent`]),
  ];
  while (parts.length > 2 && widthOf(parts.join(' · ')) > width) parts.pop();
  return parts.join(' · ');
}

function domainLines(domains: readonly DomainStatus[], width: number): Line[] {
  if (domains.length === 0) return [];
  let kept = columns.filter(({ cell }) => domains.some((domain) => cell(domain) !== ''));
  const nameWidth = Math.max('DOMAIN'.length, ...domains.map(({ name }) => widthOf(name)));
  for (;;) {
    const room = width - kept.reduce((sum, { title, cell }) => sum + 2 + columnWidth(title, domains.map(cell)), 0);
    if (room >= Math.min(nameWidth, minNameWidth) || kept.length <= 1) {
      return renderTable({
        columns: [{ title: 'DOMAIN' }, ...kept],
        rows: domains.map((domain) => [
          shortened(domain.name, Math.max(room, minNameWidth)),
          ...kept.map(({ cell }) => cell(domain) || '-'),
        ]),
      });
    }
    const least = kept.reduce((a, b) => (a.importance < b.importance ? a : b));
    kept = kept.filter((column) => column !== least);
  }
}

/** Names of an application often differ at their ends: what is cut out is the middle. */
function shortened(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  const characters = Array.from(name, (text) => ({ text, width: widthOf(text) }));
  const tail = Math.floor((width - 1) / 2);
  return `${within(characters, width - 1 - tail).join('')}…${within(characters.reverse(), tail).reverse().join('')}`;
}

/** As many from the beginning on as there is room for. */
function within(characters: readonly { readonly text: string; readonly width: number }[], room: number): string[] {
  let left = room;
  const end = characters.findIndex(({ width }) => {
    left -= width;
    return left < 0;
  });
  return characters.slice(0, end === -1 ? characters.length : end).map(({ text }) => text);
}

function columnWidth(title: string, cells: readonly string[]): number {
  return Math.max(widthOf(title), ...cells.map((cell) => widthOf(cell)));
}

/** So many of them, in the order in which they are. */
function mostPressing(domains: readonly DomainStatus[], count: number): DomainStatus[] {
  const concern = ({ activity }: DomainStatus) => byConcern.indexOf(activity);
  const first = domains.toSorted((a, b) => concern(a) - concern(b)).slice(0, count);
  return domains.filter((domain) => first.includes(domain));
}

/** `… and 12 more: 3 waiting, 9 queued`. */
function rest(domains: readonly DomainStatus[]): Line {
  const counts = byConcern.flatMap((activity) => {
    const count = domains.filter((domain) => domain.activity === activity).length;
    return count === 0 ? [] : [`${count} ${activity}`];
  });
  return dim(`… and ${domains.length} more: ${counts.join(', ')}`);
}

/** A clock that ticks in hundredths tells nobody more. */
function wholeSeconds(ms: number): string {
  return formatDuration(ms < 1000 ? Math.round(ms / 100) * 100 : Math.round(ms / 1000) * 1000);
}
