import type { PlannedApplication, PlannedDomain } from './application.ts';
import { dirtyBytesAfter, meanLevel, writtenParts } from './dirtying.ts';
import { residualBytes, residualSeconds } from './residual.ts';

/** Something to know before the start, as data: who shows it finds the words. */
export type PlanWarning = LongPause | SplitTraffic | UnknownUse;

/** However long a domain is copied, so much of it stays dirty that it cannot be paused for a moment only. */
export interface LongPause {
  readonly kind: 'long-pause';
  readonly domain: string;
  /** As measured in windows of a second. */
  readonly dirtyBytesPerSecond: number;
  readonly linkBytesPerSecond: number;
  /** What its final copy sends. */
  readonly residualBytes: number;
  /** If it moves alone, with the whole link. In a group others go on dirtying meanwhile, and the pause is longer. */
  readonly pauseMs: number;
  /** The pause that was to be kept. */
  readonly budgetMs: number;
  /** What would keep it. */
  readonly options: PauseOptions;
}

export interface PauseOptions {
  /** A link as wide as this. */
  readonly linkBytesPerSecond: number;
  /** The guest slowed down to this share of its writes. */
  readonly writesShare: number;
  /** The pause if it is stopped at its low level; null: it has none, or that changes little. */
  readonly quietPauseMs: number | null;
}

/** While some domains are here and some there, their traffic takes a good part of the link. */
export interface SplitTraffic {
  readonly kind: 'split-traffic';
  /** All flows together: the most that can be split. */
  readonly bytesPerSecond: number;
  readonly linkBytesPerSecond: number;
}

/** Of these domains nobody knows what they use, so all their memory travels. */
export interface UnknownUse {
  readonly kind: 'unknown-use';
  readonly domains: readonly string[];
  readonly memoryBytes: number;
}

/** Split traffic of this share of the link is worth a word. */
const muchTraffic = 0.2;
/** A pause less than this much shorter is no reason to wait for a quiet time. */
const worthWaiting = 0.8;

/** What can be told before the start, from the model alone. Pure. */
export function warningsOf(
  { domains, flows }: PlannedApplication,
  { linkBytesPerSecond, budgetMs }: { linkBytesPerSecond: number; budgetMs: number },
): PlanWarning[] {
  const warnings: PlanWarning[] = domains.flatMap((domain) => longPause(domain, linkBytesPerSecond, budgetMs) ?? []);
  const bytesPerSecond = flows.reduce((sum, flow) => sum + flow.bytesPerSecond, 0);
  if (bytesPerSecond >= muchTraffic * linkBytesPerSecond) {
    warnings.push({ kind: 'split-traffic', bytesPerSecond, linkBytesPerSecond });
  }
  const unknown = domains.filter(({ usedBytes }) => usedBytes === null);
  if (unknown.length > 0) {
    warnings.push({
      kind: 'unknown-use',
      domains: unknown.map(({ name }) => name),
      memoryBytes: unknown.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    });
  }
  return warnings;
}

function longPause(domain: PlannedDomain, linkBytesPerSecond: number, budgetMs: number): LongPause | null {
  const { workload } = domain;
  const budgetSeconds = budgetMs / 1000;
  const residual = residualBytes(domain, linkBytesPerSecond);
  const pauseSeconds = residual / linkBytesPerSecond;
  if (pauseSeconds <= budgetSeconds) return null;
  const level = meanLevel(workload);
  const quiet = residualSeconds(domain, linkBytesPerSecond, workload.lowLevel);
  return {
    kind: 'long-pause',
    domain: domain.name,
    dirtyBytesPerSecond: dirtyBytesAfter(writtenParts(workload), 1),
    linkBytesPerSecond,
    residualBytes: residual,
    pauseMs: pauseSeconds * 1000,
    budgetMs,
    options: {
      // At W / budget even the whole working set is within it.
      linkBytesPerSecond: turningPoint(
        [linkBytesPerSecond, workload.wwsBytes / budgetSeconds],
        (rate) => residualSeconds(domain, rate) <= budgetSeconds,
      ),
      writesShare: turningPoint(
        [1, 1e-6],
        (share) => residualSeconds(domain, linkBytesPerSecond, level * share) <= budgetSeconds,
      ),
      quietPauseMs: workload.lowLevel < level && quiet < worthWaiting * pauseSeconds ? quiet * 1000 : null,
    },
  };
}

/** The value nearest to `from` at which `holds` is true, to a thousandth: it is not at `from`, it is at `to`. */
function turningPoint([from, to]: readonly [number, number], holds: (value: number) => boolean): number {
  let [wrong, right] = [Math.log(from), Math.log(to)];
  while (Math.abs(right - wrong) > 1e-3) {
    const middle = (wrong + right) / 2;
    if (holds(Math.exp(middle))) right = middle;
    else wrong = middle;
  }
  return Math.exp(right);
}
