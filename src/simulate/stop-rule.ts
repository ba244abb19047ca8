import type { Round, StopReason, StopRuleName } from '../domains/engine.ts';
import { native } from '../native/load.ts';

/** When pre-copy ends. */
export interface StopRule {
  evaluate(rounds: readonly Round[]): StopReason | null;
  /** Pages with data that may still be sent; Infinity without a limit. */
  trafficLeft(round0Pages: number, sentPages: number): number;
}

/**
 * The very rules that real migrations stop by: native/core/stop_rule.h.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE where the native side is not built
 */
export function nativeStopRules(): (name: StopRuleName, maxDowntimeMs: number | null) => StopRule {
  const { evaluateStopRule, trafficLeft } = native();
  return (name, maxDowntimeMs) => ({
    evaluate: (rounds) => evaluateStopRule(name, (maxDowntimeMs ?? 0) / 1000, rounds),
    trafficLeft: (round0Pages, sentPages) => trafficLeft(name, round0Pages, sentPages),
  });
}
