import { lineChart, type Point } from '../chart.ts';
import type { FigureRecipe } from '../figure.ts';
import { momentsOf } from '../moments.ts';
import { testbeds, users } from '../paper.ts';
import { meanDuring, type Stage, type StagedSecond, stagedService, stages } from '../stages.ts';
import { formatNumber } from '../statistics.ts';
import { beginsAtSeconds, type Cell, type Trials } from '../trials.ts';
import { serviceClaims } from './service-claims.ts';

const strategies = ['mo', 'oba+mo'] as const;
type Strategy = (typeof strategies)[number];
const cellOf = (strategy: Strategy): Cell => ({ workload: 'D&H', testbed: 'wan', strategy });

/**
 * Means are over whole periods of the users' pattern. The queue begins empty and is what it would be a period later; at
 * the destination those who waited through the pause are answered within a period.
 */
const { periodSeconds } = users['D&H'];
const countedPeriods = 2;
/** The chart is cut off where the users who waited through a pause are answered. */
const mostShownSeconds = 10;

/** Fig. 11 and §5.3: what the users see of a migration. */
export const figure11: FigureRecipe = {
  name: '11',
  cells: strategies.map(cellOf),
  draw(trials) {
    const runs = { mo: served(trials, 'mo'), 'oba+mo': served(trials, 'oba+mo') };
    const during = (strategy: Strategy, stage: Stage) =>
      meanDuring(
        runs[strategy].map(({ counted }) => counted),
        stage,
      );
    const chart = (name: string, title: string, unit: string, of: (second: StagedSecond) => number) =>
      lineChart(
        name,
        `${title}, D&H, 40 Mbit/s`,
        { title: 'seconds since the migration began' },
        { title: unit },
        strategies.flatMap((series) =>
          runs[series][0]!.shown.map(
            (second): Point => ({ series, x: second.seconds, y: second.stage === null ? null : of(second) }),
          ),
        ),
      );
    return {
      name: '11',
      title: 'Fig. 11: response time and throughput, D&H, 40 Mbit/s',
      table: {
        columns: [
          { title: 'STAGE' },
          ...strategies.flatMap((strategy) => [
            { title: `${strategy}: RESPONSE, s`, align: 'right' } as const,
            { title: 'REQUESTS/s', align: 'right' } as const,
          ]),
        ],
        rows: stages.map((stage) => [
          stage,
          ...strategies.flatMap((strategy) => {
            const mean = during(strategy, stage);
            return mean ? [formatNumber(mean.responseSeconds), formatNumber(mean.requestsPerSecond)] : ['', ''];
          }),
        ]),
      },
      charts: [
        chart('response', 'Response time', 'seconds', ({ waiting, requests }) =>
          Math.min(waiting / requests, mostShownSeconds),
        ),
        chart('throughput', 'Throughput', 'requests/s', ({ requests }) => requests),
      ],
      claims: serviceClaims({
        before: during('mo', 'before')!,
        app: during('mo', 'app migrates')!,
        db: during('mo', 'db migrates')!,
        together: during('oba+mo', 'all migrate')!,
        after: during('oba+mo', 'after')!,
      }),
      notes: [
        'Means leave out the seconds in which a tier is suspended: nothing is answered then, and Fig. 15 has the pause. ' +
          'So must the paper’s: 1 % of throughput lost in 880 s would leave room for 9 s of pause.',
      ],
    };
  },
};

interface Served {
  /** Since its migration began. */
  readonly shown: readonly StagedSecond[];
  /** What means are taken of. */
  readonly counted: readonly StagedSecond[];
}

function served(trials: Trials, strategy: Strategy): Served[] {
  return trials(cellOf(strategy)).map(({ events }, trial) => {
    const moments = momentsOf(events, beginsAtSeconds('D&H', trial));
    const begins = moments[0]!.fromSeconds;
    const ends = moments.at(-1)!.fromSeconds;
    const margin = (1 + countedPeriods) * periodSeconds;
    const span = { fromSeconds: begins - margin, toSeconds: ends + margin };
    const settled = stagedService(moments, users['D&H'], testbeds.wan, span).slice(periodSeconds);
    return {
      shown: settled.map((second) => ({ ...second, seconds: second.seconds - begins })),
      counted: settled.filter(({ seconds }) => seconds <= ends || seconds > ends + periodSeconds),
    };
  });
}
