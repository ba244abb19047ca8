import { serviceModel } from '../calibration.ts';
import type { Claim } from '../figure.ts';
import { service } from '../paper.ts';
import type { ServiceMean } from '../service.ts';
import { formatChange, formatNumber } from '../statistics.ts';

/** What came out: before; under MO while App and while DB migrates; under VMbuddies; after. */
export type ServiceMeans = Readonly<Record<'before' | 'app' | 'db' | 'together' | 'after', ServiceMean>>;

/** §5.3, number by number. */
export function serviceClaims({ before, app, db, together, after }: ServiceMeans): Claim[] {
  const seconds = (value: number) => `${formatNumber(value)} s`;
  const rate = (value: number) => `${formatNumber(value)}/s`;
  const { thinkSeconds } = serviceModel;
  const asking = (service.before.responseSeconds + thinkSeconds) * service.before.requestsPerSecond;
  const askingLess = asking / (service.dbMigrates.responseSeconds + thinkSeconds);
  return [
    {
      of: 'response time before (§5.3)',
      paper: seconds(service.before.responseSeconds),
      ours: seconds(before.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'throughput before (§5.3)',
      paper: rate(service.before.requestsPerSecond),
      ours: rate(before.requestsPerSecond),
      kind: 'fitted',
    },
    {
      of: 'response time while App migrates, MO (§5.3)',
      paper: seconds(service.appMigrates.responseSeconds),
      ours: seconds(app.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'response time while DB migrates, MO (§5.3)',
      paper: seconds(service.dbMigrates.responseSeconds),
      ours: seconds(db.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'response time under VMbuddies against before (§5.3)',
      paper: formatChange(1 + service.together.moreResponse),
      ours: formatChange(together.responseSeconds / before.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'response time, VMbuddies against MO while DB migrates (§5.3)',
      paper: '−77 %',
      ours: formatChange(together.responseSeconds / db.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'throughput while DB migrates against before, MO (§5.3)',
      paper: '−18 %',
      ours: formatChange(db.requestsPerSecond / before.requestsPerSecond),
      kind: 'test',
      why:
        `Users who wait longer ask less often. 155/s at 0.49 s means ${Math.round(asking)} users with a think time of ` +
        `${thinkSeconds} s; at 2.85 s those ask ${Math.round(askingLess)} times a second, not 126 times. The paper’s two ` +
        'numbers do not belong to one closed group of users.',
    },
    {
      of: 'throughput under VMbuddies against before (§5.3)',
      paper: formatChange(1 - service.together.lessThroughput),
      ours: formatChange(together.requestsPerSecond / before.requestsPerSecond),
      kind: 'test',
      why: 'The same law: 30 % more response time costs 3 % of the requests.',
    },
    {
      of: 'throughput, VMbuddies against MO while DB migrates (§5.3)',
      paper: '+18 %',
      ours: formatChange(together.requestsPerSecond / db.requestsPerSecond),
      kind: 'test',
      why: 'As for MO’s loss, which this number repeats.',
    },
    {
      of: 'response time after (§5.3)',
      paper: seconds(service.after.responseSeconds),
      ours: seconds(after.responseSeconds),
      kind: 'fitted',
    },
    {
      of: 'throughput after (§5.3)',
      paper: rate(service.after.requestsPerSecond),
      ours: rate(after.requestsPerSecond),
      kind: 'test',
    },
  ];
}
