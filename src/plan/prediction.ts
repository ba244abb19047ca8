import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import type { StrategyName } from '../strategy/strategy.ts';
import { type Spread, spreadOf } from './spread.ts';

/** What a strategy's simulated migrations came to. */
export interface StrategyPrediction {
  readonly strategy: StrategyName;
  readonly runs: number;
  /** Of these runs; the figures are about them alone. */
  readonly committed: number;
  /** Why another did not commit, in the words of the first; null if all did. */
  readonly reason: string | null;
  /** Runs that paused for longer than the budget, or gave up because they would have; null without a budget. */
  readonly overBudget: number | null;
  /** null if none committed. */
  readonly figures: PredictedFigures | null;
}

export interface PredictedFigures {
  readonly completionMs: Spread;
  readonly trafficBytes: Spread;
  readonly downtimeMs: Spread;
  readonly unsynchronisedMs: Spread;
}

/** Sums up the runs of one strategy. */
export function predictionOf(
  strategy: StrategyName,
  outcomes: readonly GroupOutcome[],
  maxDowntimeMs: number | null = null,
): StrategyPrediction {
  const isOver = ({ outcome, downtimeMs }: GroupOutcome) => outcome === 'aborted' || downtimeMs > maxDowntimeMs!;
  const committed = outcomes.filter(({ outcome }) => outcome === 'committed');
  const interval = (figure: (outcome: GroupOutcome) => number) => spreadOf(committed.map(figure));
  return {
    strategy,
    runs: outcomes.length,
    committed: committed.length,
    reason: outcomes.find(({ reason }) => reason !== null)?.reason ?? null,
    overBudget: maxDowntimeMs === null ? null : outcomes.filter(isOver).length,
    figures:
      committed.length === 0
        ? null
        : {
            completionMs: interval(({ completionMs }) => completionMs),
            trafficBytes: interval(({ trafficBytes }) => trafficBytes),
            downtimeMs: interval(({ downtimeMs }) => downtimeMs),
            unsynchronisedMs: interval(({ unsynchronisedMs }) => unsynchronisedMs),
          },
  };
}
