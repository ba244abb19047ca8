/**
 * What `--json` prints of migrations. Programs read this: fields may be added, none may change or go while `schema`
 * is 1. Times are milliseconds, amounts bytes, both as numbers.
 */
import type { Scenario } from '../demo/scenario.ts';
import type { GroupOutcome, PredictedCost, VmbuddiesErrorReport } from '../index.ts';

export interface GroupReport {
  readonly schema: 1;
  readonly strategy: string;
  /** `committed`, `aborted`, `failed`, `partial` or `unknown`. */
  readonly outcome: string;
  /** Where the guests are: `destination`, `source`, `mixed` or `unknown`; `ended` if there are none any more. */
  readonly where: string;
  /** Why it did not commit; null when it did. */
  readonly reason: string | null;
  /** The failure that `reason` tells of; null when there was none. */
  readonly error: VmbuddiesErrorReport | null;
  /** null: unlimited. */
  readonly linkBytesPerSecond: number | null;
  readonly completionMs: number;
  readonly trafficBytes: number;
  readonly downtimeMs: number;
  /** The longest that any guest itself found it had stood still; null where none can tell. */
  readonly guestGapMs: number | null;
  /** Time during which some domains ran here and some there. */
  readonly unsynchronisedMs: number;
  /** What was expected of the group before it began: eight of ten lie between `low` and `high`. Null where nothing was measured. */
  readonly predicted: PredictedCost | null;
  readonly domains: readonly DomainReport[];
}

export interface DomainReport {
  readonly name: string;
  /** `xen`, `process` or `sim`. */
  readonly kind: string;
  /** Whose round loop moved it: `vmbuddies` or `libxenguest`. */
  readonly engine: string;
  /** Present when its migration began. */
  readonly pages: number;
  readonly rounds: number;
  readonly sentBytes: number;
  readonly completionMs: number;
  /** From the request to suspend until the guest ran again, wherever, as the engine has it. */
  readonly downtimeMs: number;
  /** The same as the guest has it; null where it cannot tell. */
  readonly guestGapMs: number | null;
  readonly stopReason: string;
  /** Checked at the destination by the guest itself; null where nobody asked it to. */
  readonly verified: boolean | null;
  readonly where: string;
  /** At the source, and does not run there. */
  readonly paused: boolean;
  /** The same of this domain, from the beginning of its own migration. */
  readonly predicted: PredictedCost | null;
}

export function groupReport(outcome: GroupOutcome): GroupReport {
  return {
    schema: 1,
    strategy: outcome.strategy,
    outcome: outcome.outcome,
    where: outcome.where,
    reason: outcome.reason,
    error: outcome.error?.toJSON() ?? null,
    linkBytesPerSecond: Number.isFinite(outcome.linkBytesPerSecond) ? outcome.linkBytesPerSecond : null,
    completionMs: outcome.completionMs,
    trafficBytes: outcome.trafficBytes,
    downtimeMs: outcome.downtimeMs,
    guestGapMs: outcome.guestGapMs,
    unsynchronisedMs: outcome.unsynchronisedMs,
    predicted: outcome.predicted,
    domains: outcome.domains.map((domain) => ({
      name: domain.name,
      kind: domain.kind,
      engine: domain.engine,
      pages: domain.pages,
      rounds: domain.rounds,
      sentBytes: domain.sentBytes,
      completionMs: domain.completionMs,
      downtimeMs: domain.downtimeMs,
      guestGapMs: domain.guestGapMs,
      stopReason: domain.stopReason,
      verified: domain.verified,
      where: domain.where,
      paused: domain.paused,
      predicted: domain.predicted,
    })),
  };
}

export interface DemoReport {
  readonly schema: 1;
  readonly scenario: {
    readonly scale: number;
    readonly linkBytesPerSecond: number;
    readonly seed: number;
    readonly timeFactor: number;
  };
  /** In the order in which they were run; fewer than asked for where one did not end well. */
  readonly runs: readonly GroupReport[];
}

export function demoReport(
  { scale, linkBytesPerSecond, seed, timeFactor }: Scenario,
  outcomes: readonly GroupOutcome[],
): DemoReport {
  return { schema: 1, scenario: { scale, linkBytesPerSecond, seed, timeFactor }, runs: outcomes.map(groupReport) };
}
