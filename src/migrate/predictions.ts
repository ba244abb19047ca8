import type { DomainOutcome, PredictedCost } from '../arbitrate/group-outcome.ts';
import type { Member } from '../arbitrate/member.ts';
import type { EngineOptions } from '../domains/engine.ts';
import { earlyTermination } from '../model/early-termination.ts';
import type { ModelOptions } from '../model/load.ts';
import { predictMigration } from '../model/predict.ts';
import { type Interval, predictInterval } from '../model/predict-interval.ts';
import { expectedErrors, type PredictionLog, recordPrediction } from '../model/prediction-log.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { PredictionStore } from './prediction-store.ts';

/** The stop rule in force, the strategy's own or another in its place, and the bound on the pause that goes with it. */
export type Stopping = Pick<EngineOptions, 'stopRule' | 'maxDowntimeMs'>;

/** The downtime rule's own bound (native/core/stop_rule.cc). */
const standardDowntimeMs = 300;

/**
 * What the cost model says of each domain when it begins, at the rate that it begins with, and how far that was off when
 * it has moved. What a strategy does to the rates later is learnt as an error, so each strategy has errors of its own,
 * and so has each stop rule in place of its own.
 */
export class Predictions {
  readonly #store: PredictionStore;
  readonly #strategy: Strategy;
  readonly #stopRule: Stopping['stopRule'];
  readonly #model: ModelOptions;
  #log: PredictionLog = [];

  constructor(store: PredictionStore, strategy: Strategy, stopping: Stopping) {
    this.#store = store;
    this.#strategy = strategy;
    this.#stopRule = stopping.stopRule;
    this.#model = modelOf(stopping);
  }

  async load(): Promise<void> {
    this.#log = await this.#store.read();
  }

  /** Null for a domain that has not begun, or of which nothing was known when it did. */
  of({ name, begun }: Member): PredictedCost | null {
    if (begun === null || !this.#strategy.measured) return null;
    const { completionSeconds, trafficBytes, downtimeSeconds } = predictInterval(begun.load, begun.bytesPerSecond, {
      ...this.#model,
      errors: expectedErrors(this.#log, this.#key(name)),
    });
    return { completionMs: inMs(completionSeconds), trafficBytes, downtimeMs: inMs(downtimeSeconds) };
  }

  /** Learns from the domains that have moved. */
  async learn(members: readonly Member[], outcomes: readonly DomainOutcome[]): Promise<void> {
    let log = this.#log;
    for (const [index, { where, completionMs, sentBytes, downtimeMs }] of outcomes.entries()) {
      const { name, begun } = members[index]!;
      if (where !== 'destination' || begun === null || !this.#strategy.measured) continue;
      // Against the model itself: the bias that is known of it must not be taken out twice.
      const predicted = predictMigration(begun.load, begun.bytesPerSecond, this.#model);
      log = recordPrediction(log, this.#key(name), predicted, {
        completionSeconds: completionMs / 1000,
        trafficBytes: sentBytes,
        downtimeSeconds: downtimeMs / 1000,
      });
    }
    // A full disk is no reason to call a migration that has succeeded a failure.
    if (log !== this.#log) await this.#store.write(log).catch(() => {});
  }

  #key(domain: string): string {
    const { name, stopRule } = this.#strategy;
    return `${name}${this.#stopRule === stopRule ? '' : ` (${this.#stopRule})`} ${domain}`;
  }
}

/** The cost model's counterpart of a stop rule. */
function modelOf({ stopRule, maxDowntimeMs }: Stopping): ModelOptions {
  switch (stopRule) {
    case 'converged':
      return earlyTermination;
    case 'xen-modern':
      return { roundLimit: 5, trafficFactor: Number.POSITIVE_INFINITY };
    case 'downtime':
      return { thresholdSeconds: (maxDowntimeMs ?? standardDowntimeMs) / 1000 };
    case 'xen-legacy':
      return {};
  }
}

function inMs({ low, likely, high }: Interval): Interval {
  return { low: low * 1000, likely: likely * 1000, high: high * 1000 };
}
