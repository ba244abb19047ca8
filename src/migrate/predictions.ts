import type { GroupOutcome, PredictedCost } from '../arbitrate/group-outcome.ts';
import type { Member } from '../arbitrate/member.ts';
import type { EngineOptions } from '../domains/engine.ts';
import { busyCosts, type TransferCosts, usualCosts } from '../forecast/costs.ts';
import { type ForecastMember, type ForecastTerms, forecastGroup, type GroupForecast } from '../forecast/forecast.ts';
import { type CostInterval, forecastInterval, type GroupInterval } from '../forecast/interval.ts';
import { type ForecastLoad, forecastLoad } from '../forecast/load.ts';
import { pageBytes } from '../model/load.ts';
import type { Interval } from '../model/predict-interval.ts';
import { expectedErrors, type PredictionLog, recordPrediction } from '../model/prediction-log.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { GroupOptions } from './group-options.ts';
import type { PredictionStore } from './prediction-store.ts';

/** The stop rule in force, the strategy's own or another in its place, and the bound on the pause that goes with it. */
export type Stopping = Pick<EngineOptions, 'stopRule' | 'maxDowntimeMs'>;

/** The rule in force: the strategy's unless another was chosen. A budget bounds the pause and leaves the rule as it is. */
export function stoppingOf(strategy: Strategy, { stopRule, maxDowntimeMs }: GroupOptions): Stopping {
  return { stopRule: stopRule ?? strategy.stopRule, maxDowntimeMs: maxDowntimeMs ?? null };
}

/**
 * What a group is predicted to cost before it begins, and how far that was off when it has moved. The group is forecast as
 * one (src/forecast): a domain's rate is for the group to decide, so nothing can be said of one alone. Errors are learnt for
 * a strategy with its stop rule, and tell of no other.
 */
export class Predictions {
  readonly #store: PredictionStore;
  readonly #strategy: Strategy;
  readonly #stopping: Stopping;
  #log: PredictionLog = [];
  #freeShare = 1;
  #forecast: GroupForecast | null = null;
  #interval: GroupInterval | null = null;
  #loads = new WeakMap<Member, { readonly rounds: number; readonly load: ForecastLoad }>();

  constructor(store: PredictionStore, strategy: Strategy, stopping: Stopping) {
    this.#store = store;
    this.#strategy = strategy;
    this.#stopping = stopping;
  }

  async load(): Promise<void> {
    this.#log = await this.#store.read();
  }

  /**
   * To be called once, when the domains have been measured and ballooned and none has begun to move. `freeShare`
   * is what this machine has left for it.
   */
  predict(members: readonly Member[], linkBytesPerSecond: number, freeShare: number): void {
    this.#freeShare = freeShare;
    if (!this.#strategy.measured || members.length === 0) return;
    courtesy(() => {
      const all = members.map((member) => this.#forecastMember(member));
      const terms = this.#terms(members, linkBytesPerSecond);
      this.#interval = forecastInterval(all, terms, { errors: expectedErrors(this.#log, this.#key) });
      this.#forecast = forecastGroup(all, terms);
    });
  }

  /** What moving them takes beside their pages' time on the link. */
  costs(members: readonly Member[]): TransferCosts {
    return busyCosts(usualCosts(members[0]!.domain.kind), this.#freeShare);
  }

  /** Of the whole group; null where nothing was measured beforehand. */
  get group(): PredictedCost | null {
    return this.#interval && inMs(this.#interval);
  }

  /** Of one domain of it, from the beginning of its own migration. */
  of({ name }: Member): PredictedCost | null {
    const domain = this.#interval?.domains.find((one) => one.name === name);
    return domain ? inMs(domain) : null;
  }

  /**
   * What is left, from what has been measured so far; null while there is nothing to go by: a domain that was not measured
   * and has not finished a round.
   */
  remaining(
    members: readonly Member[],
    linkBytesPerSecond: number,
    known: Pick<ForecastTerms, 'settling' | 'efficiency'>,
  ): GroupForecast | null {
    const isKnown = ({ rounds, ended }: Member) => this.#strategy.measured || rounds.length > 0 || ended;
    if (!members.every(isKnown) || members.some(({ error }) => error)) return null;
    return courtesy(() => {
      const secondsLeft = members.reduce((sum, { leftBytes }) => sum + leftBytes, 0) / linkBytesPerSecond;
      const all = members.map((member) => ({
        ...this.#forecastMember(member),
        pace: member.paceOver(secondsLeft),
        standing: member.standing,
      }));
      const terms = this.#terms(members, linkBytesPerSecond);
      const costs = members.some(({ connected }) => connected) ? { ...terms.costs, connectSeconds: 0 } : terms.costs;
      return forecastGroup(all, { ...terms, costs, ...known });
    });
  }

  /** Learns from a group that has moved. */
  async learn({ where, completionMs, trafficBytes, downtimeMs }: GroupOutcome): Promise<void> {
    if (where !== 'destination' || this.#forecast === null) return;
    // Against the forecast itself: the bias that is known of it must not be taken out twice.
    const log = recordPrediction(this.#log, this.#key, this.#forecast, {
      completionSeconds: completionMs / 1000,
      trafficBytes,
      downtimeSeconds: downtimeMs / 1000,
    });
    // A full disk is no reason to call a migration that has succeeded a failure.
    await this.#store.write(log).catch(() => {});
  }

  /** Fitting a curve to what is known takes longer than the rest, and only a new round changes it. */
  #forecastMember(member: Member): ForecastMember {
    const rounds = member.rounds.length;
    let known = this.#loads.get(member);
    if (known?.rounds !== rounds) {
      known = { rounds, load: forecastLoad(member.profile, member.presentBytes / pageBytes) };
      this.#loads.set(member, known);
    }
    return { name: member.name, load: known.load };
  }

  #terms(members: readonly Member[], linkBytesPerSecond: number): ForecastTerms {
    const costs = this.costs(members);
    return { linkBytesPerSecond, strategy: this.#strategy, ...this.#stopping, costs };
  }

  get #key(): string {
    return `${this.#strategy.name} ${this.#stopping.stopRule}`;
  }
}

/** No migration fails because its future could not be told. */
function courtesy<Result>(forecast: () => Result): Result | null {
  try {
    return forecast();
  } catch {
    return null;
  }
}

function inMs({ completionSeconds, trafficBytes, downtimeSeconds }: CostInterval): PredictedCost {
  const ms = ({ low, likely, high }: Interval): Interval => ({
    low: low * 1000,
    likely: likely * 1000,
    high: high * 1000,
  });
  return { completionMs: ms(completionSeconds), trafficBytes, downtimeMs: ms(downtimeSeconds) };
}
