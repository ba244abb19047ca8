import { describe, expect, it } from 'vitest';
import { runTrials, trialOptions, trialsPerCell } from '../../../src/evaluation/trials.ts';

const cell = { workload: 'S&L', testbed: 'lab', strategy: 'oba+mo' } as const;

describe('trials', () => {
  it('are the same however often they are run', async () => {
    const [once, again] = [await runTrials([cell]), await runTrials([cell])];
    expect(once(cell)).toEqual(again(cell));
    expect(once(cell)).toHaveLength(trialsPerCell);
  });

  it('differ in their noise and in where in the period they begin', () => {
    const [first, second] = [
      trialOptions({ ...cell, workload: 'D&H' }, 0),
      trialOptions({ ...cell, workload: 'D&H' }, 1),
    ];
    expect(second.seed).not.toBe(first.seed);
    expect(second.startAtMs! - first.startAtMs!).toBe(20_000);
  });

  it('all move the whole group', async () => {
    const strategies = ['ns', 'mo', 'lll', 'lll+mo', 'oba', 'oba+mo'] as const;
    const cells = strategies.map((strategy) => ({ ...cell, strategy }));
    const trials = await runTrials(cells);
    for (const one of cells) for (const { outcome } of trials(one)) expect(outcome.outcome).toBe('committed');
  });

  it('know nothing of a cell that was not run', async () => {
    const trials = await runTrials([]);
    expect(() => trials(cell)).toThrow('S&L 400 Mbit/s oba+mo was not simulated');
  });
});

describe('what the fitted parameters are fitted to', () => {
  it('ns moves D&H over the WAN in the paper’s 1478 s, to 1 %', async () => {
    const heavy = { workload: 'D&H', testbed: 'wan', strategy: 'ns' } as const;
    const runs = (await runTrials([heavy]))(heavy);
    const mean = runs.reduce((sum, { outcome }) => sum + outcome.completionMs / 1000, 0) / runs.length;
    expect(Math.abs(mean / 1478 - 1)).toBeLessThan(0.01);
  });

  it.each(['wan', 'lab'] as const)(
    'ns ends App by 30 rounds and DB by three times its memory (%s)',
    async (testbed) => {
      const heavy = { workload: 'D&H', testbed, strategy: 'ns' } as const;
      for (const { outcome, events } of (await runTrials([heavy]))(heavy)) {
        const limits = events.flatMap(({ event }) =>
          event.type === 'state' && event.stopReason ? [`${event.domain} ${event.stopReason.limit}`] : [],
        );
        expect(limits).toContain('app rounds');
        expect(limits).toContain('db traffic');
        expect(outcome.domains.find(({ name }) => name === 'db')!.sentBytes).toBeGreaterThan(3e9);
      }
    },
  );
});
