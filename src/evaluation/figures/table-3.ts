import type { FigureRecipe } from '../figure.ts';
import { type Tier, tiers, users } from '../paper.ts';
import { formatNumber, meanOf } from '../statistics.ts';
import type { Cell, Trial } from '../trials.ts';
import { dirtiedEachSecond } from '../workloads.ts';

const strategies = ['lll', 'oba'] as const;
const cellOf = (strategy: Cell['strategy'], testbed: Cell['testbed']): Cell => ({ workload: 'D&H', testbed, strategy });
const beds = ['wan', 'lab'] as const;

/** Table 3's kind: what synchronisation costs each tier, in time it waits and in bytes it sends meanwhile. */
export const table3: FigureRecipe = {
  name: 'table-3',
  cells: beds.flatMap((testbed) => strategies.map((strategy) => cellOf(strategy, testbed))),
  draw(trials) {
    const mean = (cell: Cell, of: (simulation: Trial) => number) => meanOf(trials(cell).map(of));
    return {
      name: 'table-3',
      title: 'Table 3’s kind: synchronisation cost of each tier, D&H',
      table: {
        columns: [
          { title: 'LINK' },
          { title: 'TIER' },
          ...strategies.flatMap((strategy) => [
            { title: `${strategy}: WAITS, s`, align: 'right' } as const,
            { title: 'SENDS, MB', align: 'right' } as const,
            { title: 'AT ITS DIRTY RATE, MB', align: 'right' } as const,
          ]),
        ],
        rows: beds.flatMap((testbed) =>
          tiers.map((tier) => [
            testbed === 'wan' ? '40 Mbit/s' : '400 Mbit/s',
            tier,
            ...strategies.flatMap((strategy) => [
              formatNumber(mean(cellOf(strategy, testbed), (one) => waitedSeconds(one, tier))),
              formatNumber(mean(cellOf(strategy, testbed), (one) => sentWaiting(one, tier)) / 1e6),
              formatNumber(
                (mean(cellOf(strategy, testbed), (one) => waitedSeconds(one, tier)) * dirtyRate(tier)) / 1e6,
              ),
            ]),
          ]),
        ),
      },
      charts: [],
      claims: [],
      notes: [
        'The paper’s Table 3 is not in its text; it says that LLL costs more than OBA because Web and App wait longer. ' +
          'Waiting is lazy here: a domain sends again only when its final copy would double. Beside it, what it would send ' +
          'if it sent all the time what it dirties in a second (Fig. 10), as the paper’s does; at ' +
          '40 Mbit/s that is more than the link carries.',
      ],
    };
  },
};

function waitedSeconds({ events }: Trial, tier: Tier): number {
  const at = (state: string) =>
    events.find(({ event }) => event.type === 'state' && event.domain === tier && event.state === state)!.atMs;
  return (at('stopping') - at('waiting')) / 1000;
}

function sentWaiting({ events }: Trial, tier: Tier): number {
  return events.reduce(
    (sum, { event }) =>
      event.type === 'round' && event.domain === tier && event.round.kind === 'wait-and-copy'
        ? sum + event.round.sentBytes
        : sum,
    0,
  );
}

/** Bytes dirtied in a second, on average over a period. */
function dirtyRate(tier: Tier): number {
  const seconds = users['D&H'].periodSeconds;
  return meanOf(dirtiedEachSecond('D&H', tier, seconds)) * 4096;
}
