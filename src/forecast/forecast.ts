import type { MemberStanding } from '../arbitrate/member.ts';
import { Rates } from '../arbitrate/rates.ts';
import { Settling } from '../arbitrate/settle.ts';
import type { StopRuleName } from '../domains/engine.ts';
import { requireObject, requireObjects } from '../model/check.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { linkEfficiency, type TransferCosts } from './costs.ts';
import type { ForecastLoad } from './load.ts';
import { Mover } from './mover.ts';

/** One domain of a group that is forecast. */
export interface ForecastMember {
  readonly name: string;
  readonly load: ForecastLoad;
  /** How hard it works from now on, relative to when its load was measured. Default 1. */
  readonly pace?: number;
  /** How far its migration is; left out for one that has not begun. */
  readonly standing?: MemberStanding;
}

/** On what terms the group moves. */
export interface ForecastTerms {
  /** What the group may send, in bytes per second; above 0, finite. */
  readonly linkBytesPerSecond: number;
  readonly strategy: Pick<Strategy, 'division' | 'terms' | 'settling' | 'synchronised'>;
  readonly stopRule: StopRuleName;
  readonly maxDowntimeMs: number | null;
  readonly costs: TransferCosts;
  /** The share of the link's rate that is really sent, where that has been seen; otherwise what is usual at such a rate. */
  readonly efficiency?: number;
  /** How the catching up stands, where that has begun; it is not changed. */
  readonly settling?: Settling | null;
}

/** What is still to come of one domain's migration, in seconds and bytes from now. */
export interface DomainForecast {
  readonly name: string;
  /** Until its own migration begins; 0 if it has. */
  readonly beginsInSeconds: number;
  /** Until its guest runs at the destination. */
  readonly completionSeconds: number;
  readonly trafficBytes: number;
  /** Of pre-copy and catching up, those behind it included. */
  readonly rounds: number;
  /** All of its pause, what has passed of it included. */
  readonly downtimeSeconds: number;
}

/** What is still to come of a whole group. */
export interface GroupForecast {
  readonly completionSeconds: number;
  readonly trafficBytes: number;
  readonly downtimeSeconds: number;
  readonly domains: readonly DomainForecast[];
}

/** A group that has not come to an end by then never will: its guests dirty more than the link carries. */
const mostEvents = 20_000;

/**
 * Forecasts what is left of a group's migration, by moving it on a virtual clock: each domain's rounds as a fluid, and the
 * product's own division of the link, hysteresis and catching up (src/strategy, src/arbitrate). A function of its
 * arguments alone; it takes about a millisecond for a group of four.
 *
 * For a dry run: measure each domain ({@link measureProfile}), make a load of what that shows ({@link forecastLoad}, with the
 * pages that will be present after ballooning), and forecast with the strategy (`strategies`), its stop rule and
 * {@link usualCosts} of the domains' kind; {@link forecastInterval} says how sure that is. `migrateGroup` does the same
 * before it sends a byte: `GroupOutcome.predicted`.
 */
export function forecastGroup(members: readonly ForecastMember[], terms: ForecastTerms): GroupForecast {
  requireObjects('members', members);
  requireObject('terms', terms);
  requireObject('terms.strategy', terms.strategy);
  for (const { load } of members) requireObject('load of a member', load);
  if (terms.strategy.synchronised) return new Forecasting(members, terms).run();
  let completionSeconds = 0;
  let downtimeSeconds = 0;
  const domains: DomainForecast[] = [];
  for (const member of members) {
    const alone = new Forecasting([member], terms).run();
    const [domain] = alone.domains;
    domains.push({
      ...domain!,
      beginsInSeconds: completionSeconds + domain!.beginsInSeconds,
      completionSeconds: completionSeconds + domain!.completionSeconds,
    });
    completionSeconds += alone.completionSeconds;
    downtimeSeconds += alone.downtimeSeconds;
  }
  const trafficBytes = domains.reduce((sum, domain) => sum + domain.trafficBytes, 0);
  return { completionSeconds, downtimeSeconds, trafficBytes, domains };
}

class Forecasting {
  readonly #movers: readonly Mover[];
  readonly #terms: ForecastTerms;
  readonly #rates: Rates;
  readonly #settling: Settling | null;
  readonly #efficiency: number;
  #now = 0;

  constructor(members: readonly ForecastMember[], terms: ForecastTerms) {
    const { strategy, costs, linkBytesPerSecond } = terms;
    this.#terms = terms;
    this.#movers = members.map((member) => new Mover(member, terms));
    this.#rates = new Rates(strategy, 'phases');
    this.#settling = terms.settling?.copy() ?? (strategy.settling && new Settling(strategy.settling));
    this.#efficiency = terms.efficiency ?? linkEfficiency(linkBytesPerSecond, costs);
  }

  run(): GroupForecast {
    const movers = this.#movers;
    if (!movers.some(({ final }) => final)) this.#toTheBarrier();
    return this.#finalCopies();
  }

  /** Until all wait and none has more to gain by catching up. */
  #toTheBarrier(): void {
    this.#divide();
    for (let events = 0; events < mostEvents; events++) {
      if (this.#movers.every(({ state }) => state === 'waiting')) {
        if (this.#movers.every(({ catchingUp }) => !catchingUp) && !this.#catchUp()) return;
      }
      let next: Mover | null = null;
      let at = Number.POSITIVE_INFINITY;
      for (const mover of this.#movers) {
        const due = mover.nextEventAt(this.#now, this.#efficiency);
        if (due >= at) continue;
        at = due;
        next = mover;
      }
      if (next === null) return;
      for (const mover of this.#movers) mover.advance(this.#now, at, this.#efficiency);
      this.#now = Math.max(at, this.#now);
      for (const mover of this.#movers) mover.now = this.#now;
      if (next.handle(this.#now)) this.#divide();
    }
  }

  #catchUp(): boolean {
    const chosen = this.#settling?.next(this.#movers, this.#terms.linkBytesPerSecond);
    if (!chosen) return false;
    chosen.catchUp(this.#now);
    this.#divide();
    return true;
  }

  #divide(): void {
    const rates = this.#rates.next(this.#movers, this.#terms.linkBytesPerSecond, 'event');
    if (rates === null) return;
    for (const [mover, rate] of rates) mover.setRate(rate, this.#now);
  }

  /** All suspended, at rates in proportion to what is left, so that all end together. */
  #finalCopies(): GroupForecast {
    const { linkBytesPerSecond, costs } = this.#terms;
    const left = this.#movers.map((mover) => mover.beginFinal(this.#now));
    const bytes = left.reduce((sum, one) => sum + one, 0);
    const copySeconds = bytes / (linkBytesPerSecond * this.#efficiency);
    const restSeconds = copySeconds + costs.pauseSeconds;
    const end = this.#now + restSeconds;
    const domains = this.#movers.map((mover, at) => ({
      name: mover.name,
      beginsInSeconds: mover.beganAt ?? 0,
      completionSeconds: mover.committed ? 0 : end,
      trafficBytes: mover.sentBytes + left[at]!,
      rounds: mover.rounds.length,
      downtimeSeconds: mover.suspendedSeconds + restSeconds,
    }));
    return {
      completionSeconds: end,
      trafficBytes: domains.reduce((sum, { trafficBytes }) => sum + trafficBytes, 0),
      downtimeSeconds: Math.max(...domains.map(({ downtimeSeconds }) => downtimeSeconds)),
      domains,
    };
  }
}
