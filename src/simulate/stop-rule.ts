import type { Round, StopReason, StopRuleName } from '../domains/engine.ts';
import { stopReason, trafficLeft } from '../forecast/stop-rule.ts';

/** When pre-copy ends. */
export interface StopRule {
  evaluate(rounds: readonly Round[]): StopReason | null;
  /** Pages with data that may still be sent; Infinity without a limit. */
  trafficLeft(round0Pages: number, sentPages: number): number;
}

/** The rules that real migrations stop by, to the word. They need no addon: a plan is made where nothing is built. */
export function namedStopRule(name: StopRuleName, maxDowntimeMs: number | null): StopRule {
  return {
    evaluate: (rounds) => stopReason(name, maxDowntimeMs, rounds),
    trafficLeft: (round0Pages, sentPages) => trafficLeft(name, round0Pages, sentPages),
  };
}
