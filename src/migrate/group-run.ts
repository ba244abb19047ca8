import { resolve } from 'node:path';
import { Arbitrator, unlimitedLink } from '../arbitrate/arbitrator.ts';
import type { GroupEvent } from '../arbitrate/group-event.ts';
import { type GroupOutcome, groupOutcome } from '../arbitrate/group-outcome.ts';
import { Member } from '../arbitrate/member.ts';
import type { FinishCommand } from '../arbitrate/protocol-messages.ts';
import type { Domain } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import { linkEfficiency } from '../forecast/costs.ts';
import type { GroupForecast } from '../forecast/forecast.ts';
import { type DirtyProfile, measureProfile } from '../measure/profile.ts';
import { requireObject } from '../model/check.ts';
import { equalDivision } from '../strategy/division.ts';
import { type Strategy, strategyByName } from '../strategy/strategy.ts';
import { Balloons } from './balloons.ts';
import { checkGroup, checkLink } from './check-group.ts';
import { EventQueue } from './event-queue.ts';
import type { GroupOptions } from './group-options.ts';
import { Predictions, type Stopping, stoppingOf } from './predictions.ts';
import { domainStatus, type GroupPhase, type GroupStatus, idleStatus, phaseOf } from './status.ts';
import { hostSurroundings, type Surroundings } from './surroundings.ts';

/** A forecast, and what was so when it was made. */
interface Ahead {
  readonly at: number;
  /** When it is to be made anew. */
  readonly until: number;
  readonly sentBytes: number;
  readonly forecast: GroupForecast | null;
}

/** A forecast stands for so long, and for longer where making it would take more than such a share of the time. */
const aheadSeconds = 0.5;
const mostShare = 0.02;
/** Before so much time has passed nothing is read off what was sent; and what is usual counts for so much time. */
const leastSeenSeconds = 1;
const usualCountsSeconds = 1.5;

/** A group under way: await `result`, or iterate over what happens, or both. Leaving it by `await using` aborts it. */
export class GroupRun implements AsyncIterable<GroupEvent>, AsyncDisposable {
  /** Settles once, with an outcome even when the migration failed. Rejects only for a call that could not begin. */
  readonly result: Promise<GroupOutcome>;
  readonly #domains: readonly Domain[];
  readonly #options: GroupOptions;
  readonly #surroundings: Surroundings;
  readonly #strategy: Strategy;
  readonly #events = new EventQueue<GroupEvent>();
  readonly #balloons: Balloons;
  readonly #stopping: Stopping;
  readonly #predictions: Predictions;
  readonly #cancel = new AbortController();
  readonly #calledAt: number;
  #linkBytesPerSecond: number;
  #stage: 'measuring' | 'ballooning' | 'moving' | 'finished' = 'measuring';
  #endedAt: number | null = null;
  /** Of this machine, as it was while the domains were measured. */
  #freeShare = 1;
  #movingAt = 0;
  #ahead: Ahead | null = null;
  #seenEfficiency: number | null = null;
  /** Those that the present arbitrator moves. */
  #moving: readonly Member[] = [];
  #members: Member[] = [];
  #arbitrator: Arbitrator | null = null;

  constructor(
    domains: readonly Domain[],
    options: GroupOptions,
    surroundings: Surroundings = hostSurroundings(options?.journalFolder),
  ) {
    requireObject('options', options);
    options.signal?.throwIfAborted();
    checkGroup(domains, options);
    this.#domains = domains;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#calledAt = surroundings.clock.now();
    this.#balloons = new Balloons((event) => this.#events.push(event), surroundings);
    this.#linkBytesPerSecond = options.linkBytesPerSecond;
    this.#strategy = strategyByName(options.strategy ?? 'turns');
    this.#stopping = stoppingOf(this.#strategy, options);
    this.#predictions = new Predictions(surroundings.predictions, this.#strategy, this.#stopping);
    const onAbort = () => this.abort(String((options.signal!.reason as Error)?.message ?? options.signal!.reason));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.result = this.#run().finally(() => {
      options.signal?.removeEventListener('abort', onAbort);
      this.#events.end();
    });
    this.result.catch(() => {}); // whoever awaits `result` reports it
  }

  /** Brings the group home, unless COMMIT is recorded already. Any number of times. */
  abort(reason = 'aborted by the caller'): void {
    if (!this.#cancel.signal.aborted) this.#cancel.abort(new Error(reason));
    this.#arbitrator?.cancel(reason);
  }

  /**
   * What all domains together may send from now on, in bytes per second; Infinity for no limit. In force at once.
   * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT
   */
  setLink(bytesPerSecond: number): void {
    checkLink(bytesPerSecond);
    this.#linkBytesPerSecond = bytesPerSecond;
    this.#arbitrator?.setLink(bytesPerSecond);
  }

  /** How far the group is now. Cheap enough to be asked several times a second, in any state. */
  status(): GroupStatus {
    const now = this.#endedAt ?? this.#surroundings.clock.now();
    const elapsedMs = (now - this.#calledAt) * 1000;
    const activity = this.#stage === 'measuring' ? 'profiling' : this.#stage === 'ballooning' ? 'ballooning' : 'queued';
    const phase = this.#phase();
    const ahead = this.#stage === 'moving' && phase !== 'aborting' ? this.#lookAhead(now) : null;
    const left = (seconds: number) => Math.max(0, (seconds + ahead!.at - now) * 1000);
    const forecast = ahead?.forecast ?? null;
    const isKnown = this.#members.length > 0;
    const domains = isKnown
      ? this.#members.map((member, index) =>
          domainStatus(member, forecast && left(forecast.domains[index]!.completionSeconds)),
        )
      : this.#domains.map(({ name }) => idleStatus(name, activity));
    const sentBytes = domains.reduce((sum, domain) => sum + domain.sentBytes, 0);
    const etaMs = forecast && left(forecast.completionSeconds);
    return {
      phase,
      elapsedMs,
      etaMs,
      predictedTotalMs: etaMs === null ? null : elapsedMs + etaMs,
      sentBytes,
      predictedBytes: forecast && ahead!.sentBytes + forecast.trafficBytes,
      domains,
    };
  }

  /** A forecast stands for a moment: whoever draws asks more often than anything new is known. */
  #lookAhead(now: number): Ahead {
    if (this.#ahead && now < this.#ahead.until) return this.#ahead;
    const sentBytes = this.#members.reduce((sum, { progress }) => sum + progress.sentBytes, 0);
    const forecast = this.#predictions.remaining(this.#members, this.#link, {
      settling: this.#arbitrator?.settling ?? null,
      ...this.#efficiency(sentBytes, now),
    });
    const took = this.#surroundings.clock.now() - now;
    this.#ahead = { at: now, until: now + Math.max(aheadSeconds, took / mostShare), sentBytes, forecast };
    return this.#ahead;
  }

  /**
   * The share of the link that has really been used. Only pre-copy tells: a group that waits uses little. And only where the
   * division leaves nothing of the link idle.
   */
  #efficiency(sentBytes: number, now: number): { readonly efficiency?: number } {
    const seconds = now - this.#movingAt;
    const fillsLink = this.#strategy.division !== equalDivision || this.#moving.length === 1;
    if (this.#phase() === 'precopy' && seconds > leastSeenSeconds && fillsLink) {
      const usual = linkEfficiency(this.#link, this.#predictions.costs(this.#moving));
      const share = Math.min(sentBytes / (this.#link * seconds), 1);
      const weight = seconds / (seconds + usualCountsSeconds);
      this.#seenEfficiency = weight * share + (1 - weight) * usual;
    }
    return this.#seenEfficiency === null ? {} : { efficiency: this.#seenEfficiency };
  }

  [Symbol.asyncIterator](): AsyncIterator<GroupEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort('the caller let go of it');
    await this.result.catch(() => {});
  }

  get #link(): number {
    return Math.min(this.#linkBytesPerSecond, unlimitedLink);
  }

  #phase(): GroupPhase {
    if (this.#stage !== 'moving') return this.#stage;
    const phase = this.#arbitrator ? phaseOf(this.#arbitrator.phase, this.#moving) : 'precopy';
    // One after another: after the last one alone the group is done.
    return phase === 'finished' ? 'precopy' : phase;
  }

  async #run(): Promise<GroupOutcome> {
    const finishes: FinishCommand[] = [];
    let error: VmbuddiesError | null = null;
    const { clock } = this.#surroundings;
    let beganAt = clock.now();
    const claimed: Domain[] = [];
    try {
      for (const domain of this.#domains) {
        await domain.claim(this.#purpose());
        claimed.push(domain);
      }
      this.#stage = this.#strategy.measured ? 'measuring' : 'ballooning';
      if (this.#strategy.balloon) await this.#balloons.lookAhead(this.#domains);
      await this.#predictions.load();
      const profiles = await this.#measure();
      beganAt = clock.now();
      this.#stage = 'ballooning';
      const presentBytes = this.#domains.reduce((sum, domain) => sum + domain.info().presentBytes, 0);
      if (this.#strategy.balloon) await this.#balloons.giveBack(this.#domains, presentBytes / this.#link);
      await this.#balloons.hold(this.#domains);
      this.#members = this.#domains.map(
        (domain, index) => new Member(domain, profiles[index], this.#options.adapt, clock),
      );
      this.#predictions.predict(this.#members, this.#link, this.#freeShare);
      this.#movingAt = clock.now();
      this.#stage = 'moving';
      for (const group of this.#strategy.synchronised ? [this.#members] : this.#members.map((member) => [member])) {
        this.#cancel.signal.throwIfAborted();
        this.#moving = group;
        const finish = await this.#move(group);
        finishes.push(finish);
        if (finish.outcome !== 'committed') break;
      }
    } catch (thrown) {
      if (thrown !== this.#cancel.signal.reason) error = VmbuddiesError.from(thrown);
    }
    if (this.#members.length === 0) this.#members = this.#domains.map((domain) => new Member(domain));
    this.#stage = 'finished';
    this.#endedAt = clock.now();
    const outcome = groupOutcome({
      strategy: this.#strategy.name,
      engine: this.#options.engine ?? 'auto',
      linkBytesPerSecond: this.#options.linkBytesPerSecond,
      members: this.#members,
      predicted: this.#predictions.group,
      predictionOf: (member) => this.#predictions.of(member),
      finishes,
      refused: this.#arbitrator?.refused ?? false,
      error,
      cancelReason: (this.#cancel.signal.reason as Error | undefined)?.message ?? null,
      beganAt,
      endedAt: this.#endedAt,
    });
    const { to, ssh = null, secret } = this.#options;
    await this.#balloons.restore((domain) => outcome.domains[this.#domains.indexOf(domain)]!.where, {
      to,
      ssh,
      secret,
    });
    await this.#predictions.learn(outcome);
    // A domain that has gone has let go of its claim already.
    for (const domain of claimed) await domain.unclaim().catch(() => {});
    return outcome;
  }

  /** As it stands in the refusals that others get. */
  #purpose(): string {
    const names = this.#domains.map(({ name }) => name);
    const listed = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    return `process ${process.pid} migrates ${names.length > 5 ? `${names.length} domains` : listed} to ${this.#options.to}`;
  }

  async #measure(): Promise<(DirtyProfile | undefined)[]> {
    if (!this.#strategy.measured) return [];
    const { profileMs = 2000, tracker = 'auto' } = this.#options;
    const { signal } = this.#cancel;
    const how = { durationMs: profileMs, tracker, signal };
    const { clock } = this.#surroundings;
    const [profiles, freeShare] = await Promise.all([
      Promise.all(this.#domains.map((domain) => measureProfile(domain, how, clock))),
      this.#surroundings.freeShare(profileMs, signal),
    ]);
    this.#freeShare = freeShare;
    return profiles;
  }

  async #move(members: readonly Member[]): Promise<FinishCommand> {
    const { to, tracker = 'auto', suspendTimeoutMs = null } = this.#options;
    const {
      ssh = null,
      engine = 'auto',
      verifyStream = false,
      secret = null,
      secretFile,
      insecure = false,
    } = this.#options;
    const { maxDowntimeMs } = this.#stopping;
    const journal = await this.#surroundings.openJournal();
    try {
      this.#arbitrator = new Arbitrator({
        members,
        strategy: this.#strategy,
        adaptation: this.#options.adapt ?? 'phases',
        clock: this.#surroundings.clock,
        linkBytesPerSecond: this.#linkBytesPerSecond,
        engine: { to, ...this.#stopping, suspendTimeoutMs, tracker, secret, xen: { ssh, engine, verifyStream } },
        journal,
        trust: {
          ...(secretFile !== undefined && { secretFile: resolve(secretFile) }),
          ...(insecure && { insecure }),
        },
        maxDowntimeMs,
        emit: (event) => this.#events.push(event),
      });
      const moved = this.#arbitrator.run();
      if (this.#cancel.signal.aborted) this.#arbitrator.cancel((this.#cancel.signal.reason as Error).message);
      const finish = await moved;
      // A journal is for recovery; one whose every domain is accounted for has nothing left to recover.
      if (finish.domains.every(({ where, sourceLeft }) => where !== 'unknown' && !sourceLeft)) await journal.remove();
      return finish;
    } finally {
      await journal.close();
    }
  }
}

/**
 * Moves domains to a receiver as the strategy says: together, or one after another.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, or the signal's reason, before anything has happened
 */
export function migrateGroup(domains: readonly Domain[], options: GroupOptions): GroupRun {
  return new GroupRun(domains, options);
}
