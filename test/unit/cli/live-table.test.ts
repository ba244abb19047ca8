import { describe, expect, it } from 'vitest';
import { liveTable } from '../../../src/cli/render/live-table.ts';
import { painted, widthOf } from '../../../src/cli/text.ts';
import type { DomainActivity, DomainStatus, GroupStatus } from '../../../src/index.ts';
import { seededRandom } from '../../../src/random.ts';

const activities: readonly DomainActivity[] = [
  'profiling',
  'ballooning',
  'queued',
  'connecting',
  'sending',
  'parked',
  'waiting',
  'catching-up',
  'stopping',
  'prepared',
  'committing',
  'committed',
  'aborted',
  'failed',
];

function domain(name: string, activity: DomainActivity, change: Partial<DomainStatus> = {}): DomainStatus {
  return {
    name,
    activity,
    round: 3,
    roundPages: 1000,
    roundDonePages: 410,
    dirtyPages: 256,
    sentBytes: 54 * 2 ** 20,
    bytesPerSecond: 12.5e6,
    etaMs: 3210,
    ...change,
  };
}

function group(domains: readonly DomainStatus[], change: Partial<GroupStatus> = {}): GroupStatus {
  return {
    phase: 'precopy',
    elapsedMs: 119_400,
    etaMs: 61_000,
    predictedTotalMs: 180_400,
    sentBytes: 2 ** 30,
    predictedBytes: 3 * 2 ** 30,
    domains,
    ...change,
  };
}

const text = (status: GroupStatus, columns: number, rows: number) =>
  liveTable(status, { columns, rows }).map((line) => painted(line, false));

describe('the live table', () => {
  it('fits every terminal of 40 to 200 columns and 10 to 60 rows, whatever it shows', () => {
    const seed = 20_261;
    const random = seededRandom(seed);
    const upTo = (n: number) => Math.floor(random() * n);
    for (let columns = 40; columns <= 200; columns++) {
      // Every third height, another third for the next width.
      for (let rows = 10 + (columns % 3); rows <= 60; rows += 3) {
        const count = 1 + upTo(30);
        const domains = Array.from({ length: count }, (_, at) =>
          domain(`${'数n-'.repeat(upTo(22))}${at}`, activities[upTo(activities.length)]!, {
            round: upTo(300),
            roundPages: upTo(2) * 1e6,
            roundDonePages: upTo(1e6),
            sentBytes: random() * 1e13,
            dirtyPages: upTo(2) * upTo(1e9),
            bytesPerSecond: random() * 1e10,
            etaMs: upTo(2) === 0 ? null : random() * 1e9,
          }),
        );
        const status = group(domains, { elapsedMs: random() * 1e9, etaMs: upTo(2) === 0 ? null : random() * 1e9 });
        const lines = liveTable(status, { columns, rows });
        const where = `seed ${seed}, ${columns}x${rows}, ${count} domains`;
        expect(lines.length, where).toBeLessThan(rows);
        expect(Math.max(...lines.map(widthOf)), where).toBeLessThan(columns);
        // Which state each domain is in is the last thing to go.
        const table = lines.map((line) => painted(line, false));
        const named = table.slice(2).filter((line) => !line.startsWith('… and '));
        expect(named.length, where).toBe(Math.min(count, count + 2 <= rows - 1 ? count : rows - 4));
        for (const line of named) expect(line, where).toMatch(new RegExp(`  (${activities.join('|')})( |$)`));
      }
    }
  });

  it('shows what is under way, and counts the others, where there are more domains than rows', () => {
    const domains = [
      ...Array.from({ length: 12 }, (_, at) => domain(`queued${at}`, 'queued')),
      domain('first', 'sending'),
      ...Array.from({ length: 9 }, (_, at) => domain(`done${at}`, 'committed')),
      domain('second', 'stopping'),
    ];
    const lines = text(group(domains), 80, 10);
    expect(lines).toHaveLength(9);
    expect(lines.slice(2, -1).map((line) => line.split(' ')[0])).toEqual([
      ...Array.from({ length: 4 }, (_, at) => `queued${at}`),
      'first',
      'second',
    ]);
    expect(lines.at(-1)).toBe('… and 17 more: 8 queued, 9 committed');
  });

  it('leaves out the less important columns on a narrow terminal, and cuts long names in their middle', () => {
    const domains = [domain('shop-frontend-eu-west-1a', 'catching-up'), domain('shop-frontend-eu-west-1b', 'parked')];
    expect(text(group(domains), 40, 10)).toEqual([
      'precopy · 1 min 59 s of 3 min',
      'DOMAIN           STATE        FINISH IN',
      'shop-fr…west-1a  catching-up        3 s',
      'shop-fr…west-1b  parked             3 s',
    ]);
  });

  it('says nothing of what is not known yet', () => {
    const nothing = {
      round: 0,
      roundPages: 0,
      roundDonePages: 0,
      dirtyPages: 0,
      sentBytes: 0,
      bytesPerSecond: 0,
      etaMs: null,
    };
    const status = group([domain('web', 'profiling', nothing), domain('db', 'profiling', nothing)], {
      phase: 'measuring',
      elapsedMs: 1400,
      etaMs: null,
      predictedTotalMs: null,
      sentBytes: 0,
      predictedBytes: null,
    });
    expect(text(status, 80, 24)).toEqual([
      'measuring · 1 s',
      'DOMAIN  STATE',
      'web     profiling',
      'db      profiling',
    ]);
  });
});
