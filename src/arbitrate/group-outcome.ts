import type { Domain, DomainKind, EngineChoice, EngineName } from '../domains/domain.ts';
import type { VmbuddiesError, Where } from '../errors.ts';
import type { Interval } from '../model/predict-interval.ts';
import type { StrategyName } from '../strategy/strategy.ts';
import type { Member } from './member.ts';
import type { FinishCommand } from './protocol-messages.ts';

const pageBytes = 4096;

/** What a migration was predicted to cost before it began; eight of ten shall lie between `low` and `high`. */
export interface PredictedCost {
  readonly completionMs: Interval;
  readonly trafficBytes: Interval;
  readonly downtimeMs: Interval;
}

/** What became of one domain of a group. */
export interface DomainOutcome {
  readonly name: string;
  readonly kind: DomainKind;
  /** Whose round loop moved it, or would have. */
  readonly engine: EngineName;
  /** Present when it began to move. */
  readonly pages: number;
  readonly rounds: number;
  readonly sentBytes: number;
  /** From the start of this domain's own migration to the start of its guest at the destination; 0 if it never moved. */
  readonly completionMs: number;
  /** From the request to suspend until the guest ran again, wherever, of failed and aborted migrations too. */
  readonly downtimeMs: number;
  /**
   * How long the guest itself found that it had stood still, by the time of day on both hosts; null where nobody can tell:
   * Xen guests, idle ones, and those that were never suspended.
   */
  readonly guestGapMs: number | null;
  /** Which limit of the stop rule ended pre-copy, with the numbers; '' if none did. */
  readonly stopReason: string;
  /** Looked up when the group had ended. */
  readonly where: Where;
  /** At the source, and does not run there. */
  readonly paused: boolean;
  /** From a forecast of the whole group; null where it was not measured beforehand. */
  readonly predicted: PredictedCost | null;
  /** Whether the guest was found alive and intact afterwards; null: nobody has looked. */
  readonly verified: boolean | null;
}

/** What became of a group. */
export interface GroupOutcome {
  readonly strategy: StrategyName;
  /**
   * `committed`: all moved. `aborted`: none moved, as somebody wished or a limit demanded. `failed`: none moved, `error`
   * says why. `partial`: some moved. `unknown`: of some domain nobody can say.
   */
  readonly outcome: 'committed' | 'aborted' | 'failed' | 'partial' | 'unknown';
  /** Of those guests that still exist; `ended` if there are none. */
  readonly where: 'destination' | 'source' | 'mixed' | 'unknown' | 'ended';
  /** Why not all have moved, in one sentence; null if all have. */
  readonly reason: string | null;
  readonly error: VmbuddiesError | null;
  /** The predicted pause was over its budget; nothing was suspended. */
  readonly refused: boolean;
  readonly linkBytesPerSecond: number;
  /** From the start, ballooning included, until the last guest runs at the destination. */
  readonly completionMs: number;
  readonly trafficBytes: number;
  /** Time during which at least one domain stood still. */
  readonly downtimeMs: number;
  /** The longest of the guests' own gaps; null if none can tell. */
  readonly guestGapMs: number | null;
  /** From the first guest's start at the destination to the last one's: some tiers here, some there. */
  readonly unsynchronisedMs: number;
  /** Null where nothing was measured beforehand. */
  readonly predicted: PredictedCost | null;
  readonly domains: readonly DomainOutcome[];
}

export interface GroupResult {
  readonly strategy: StrategyName;
  /** As it was asked for. */
  readonly engine: EngineChoice;
  readonly linkBytesPerSecond: number;
  readonly members: readonly Member[];
  readonly predicted: PredictedCost | null;
  readonly predictionOf: (member: Member) => PredictedCost | null;
  /** One for each group that was begun. */
  readonly finishes: readonly FinishCommand[];
  readonly refused: boolean;
  /** Failure before or beside the protocol: a destination that cannot be reached, a journal that cannot be written. */
  readonly error: VmbuddiesError | null;
  readonly cancelReason: string | null;
  /** Seconds on the monotonic clock. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Sums a group up. Pure. */
export function groupOutcome(result: GroupResult): GroupOutcome {
  const { strategy, linkBytesPerSecond, members, finishes, refused, beganAt, endedAt } = result;
  const places = new Map(finishes.flatMap(({ domains }) => domains.map((place) => [place.domain, place])));
  const domains = members.map((member) => {
    const where = places.get(member.name)?.where ?? 'source';
    // What the protocol calls the source is where the guest belongs. Whether it is there shows only a look.
    return domainOutcome(member, result, where === 'source' ? member.domain.place() : where);
  });
  const gaps = domains.flatMap(({ guestGapMs }) => (guestGapMs === null ? [] : [guestGapMs]));
  const where = whereOf(domains.map((domain) => domain.where));
  const error = result.error ?? members.find((member) => member.error)?.error ?? null;
  const reason = finishes.find((finish) => finish.reason !== null)?.reason ?? result.cancelReason ?? error?.message;
  const starts = members.flatMap(({ outcome }) => (outcome?.startedAt ? [outcome.startedAt] : []));
  const lastAt = where === 'destination' ? Math.max(...starts) : endedAt;
  return {
    strategy,
    outcome: outcomeName(domains, error),
    where,
    reason: domains.every((domain) => domain.where === 'destination') ? null : (reason ?? null),
    error,
    refused,
    linkBytesPerSecond,
    completionMs: (lastAt - beganAt) * 1000,
    trafficBytes: domains.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    downtimeMs: unionSeconds(members.flatMap(pauseOf)) * 1000,
    guestGapMs: gaps.length > 0 ? Math.max(...gaps) : null,
    unsynchronisedMs: starts.length > 0 && members.length > 1 ? (lastAt - Math.min(...starts)) * 1000 : 0,
    predicted: result.predicted,
    domains,
  };
}

function domainOutcome(
  member: Member,
  { engine, predictionOf }: Pick<GroupResult, 'engine' | 'predictionOf'>,
  where: Where,
): DomainOutcome {
  const { domain, outcome, account, rounds, stopReason } = member;
  return {
    name: member.name,
    kind: domain.kind,
    engine: domain.engineFor(engine),
    pages: account?.presentPages || Math.round(member.presentBytes / pageBytes),
    rounds: rounds.length,
    sentBytes: account?.sentBytes ?? rounds.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    completionMs: outcome?.state === 'committed' ? outcome.totalSeconds * 1000 : 0,
    downtimeMs: (account?.downtimeSeconds ?? 0) * 1000,
    guestGapMs: account?.guestGapSeconds == null ? null : account.guestGapSeconds * 1000,
    stopReason: stopReason ? `${stopReason.rule}: ${stopReason.message}` : '',
    where,
    paused: where === 'source' && isPaused(domain),
    predicted: predictionOf(member),
    verified: null,
  };
}

function isPaused(domain: Domain): boolean {
  try {
    const { state } = domain.info();
    return state === 'paused' || state === 'suspended';
  } catch {
    return false; // it has gone since it was looked for
  }
}

function whereOf(places: readonly Where[]): GroupOutcome['where'] {
  const existing = places.filter((place) => place !== 'ended');
  if (existing.length === 0) return 'ended';
  if (existing.includes('unknown')) return 'unknown';
  if (existing.every((place) => place === 'destination')) return 'destination';
  return existing.every((place) => place === 'source') ? 'source' : 'mixed';
}

function outcomeName(domains: readonly DomainOutcome[], error: VmbuddiesError | null): GroupOutcome['outcome'] {
  if (domains.every(({ where }) => where === 'destination')) return 'committed';
  if (domains.some(({ where }) => where === 'unknown')) return 'unknown';
  if (domains.some(({ where }) => where === 'destination')) return 'partial';
  return error ? 'failed' : 'aborted';
}

function pauseOf({ account }: Member): [number, number][] {
  if (!account || account.suspendedAt === 0) return [];
  return [[account.suspendedAt, account.suspendedAt + account.downtimeSeconds]];
}

function unionSeconds(spans: [number, number][]): number {
  let total = 0;
  let until = 0;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}
