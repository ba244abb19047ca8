import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Arbitrator, type GroupEvent } from '../arbitrate/arbitrator.ts';
import { type GroupOutcome, groupOutcome } from '../arbitrate/group-outcome.ts';
import { openJournal } from '../arbitrate/journal.ts';
import { Member } from '../arbitrate/member.ts';
import type { FinishCommand } from '../arbitrate/protocol-messages.ts';
import { decideBalloon } from '../balloon/decide.ts';
import type { Domain, EngineProgress, StopRuleName } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import { type DirtyProfile, measureProfile } from '../measure/profile.ts';
import { predictMigration } from '../model/predict.ts';
import { type Strategy, type StrategyName, strategyByName } from '../strategy/strategy.ts';
import { parseAddress } from './address.ts';
import { EventQueue } from './event-queue.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import { journalName } from './unfinished.ts';

export interface GroupOptions {
  /** The receiver: `HOST:PORT`, `[IPv6]:PORT`. */
  readonly to: string;
  /** What all domains together may send, in bytes per second; Infinity for no limit. */
  readonly linkBytesPerSecond: number;
  /** Default `oba+mo`. */
  readonly strategy?: StrategyName;
  /** Overrides the strategy's stop rule. */
  readonly stopRule?: StopRuleName;
  /** Bring the group home rather than let it stand still for longer than this. */
  readonly maxDowntimeMs?: number;
  /** How long the domains' loads are measured before the start, where the strategy needs that. Default 2000. */
  readonly profileMs?: number;
  /** Which way to keep the dirty logs; `auto` takes the best that works here. */
  readonly tracker?: string;
  /** Where decisions are recorded; see {@link defaultJournalFolder}. */
  readonly journalFolder?: string;
  /** Aborting it brings the group home: an outcome, not an error. */
  readonly signal?: AbortSignal;
}

/** How far one domain is. */
export interface DomainProgress extends EngineProgress {
  readonly name: string;
  /** The rate set for it now; 0 before it begins. */
  readonly bytesPerSecond: number;
  /** From now, by the cost model; null when there is nothing to go by. */
  readonly predictedCompletionMs: number | null;
}

/** Without a limit on the link the model still needs a number to divide: more than any machine can send. */
const unlimitedLink = 1e12;

const now = (): number => Number(process.hrtime.bigint()) / 1e9;

/** A group under way: await `result`, or iterate over what happens, or both. Leaving it by `await using` aborts it. */
export class GroupRun implements AsyncIterable<GroupEvent>, AsyncDisposable {
  /** Settles once, with an outcome even when the migration failed. Rejects only for a call that could not begin. */
  readonly result: Promise<GroupOutcome>;
  readonly #domains: readonly Domain[];
  readonly #options: GroupOptions;
  readonly #strategy: Strategy;
  readonly #address: { host: string; port: number };
  readonly #events = new EventQueue<GroupEvent>();
  readonly #cancel = new AbortController();
  #members: Member[] = [];
  #arbitrator: Arbitrator | null = null;

  constructor(domains: readonly Domain[], options: GroupOptions) {
    options.signal?.throwIfAborted();
    checkArguments(domains, options);
    this.#domains = domains;
    this.#options = options;
    this.#strategy = strategyByName(options.strategy ?? 'oba+mo');
    this.#address = parseAddress(options.to);
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

  progress(): DomainProgress[] {
    return this.#members.map((member) => {
      const { progress, bytesPerSecond } = member;
      const { load } = member.view(this.#horizonSeconds());
      const predictable = bytesPerSecond !== null && progress.state === 'precopy' && load.remainingBytes > 0;
      return {
        ...progress,
        name: member.name,
        bytesPerSecond: bytesPerSecond ?? 0,
        predictedCompletionMs: predictable ? predictMigration(load, bytesPerSecond).completionSeconds * 1000 : null,
      };
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<GroupEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort('the caller let go of it');
    await this.result.catch(() => {});
  }

  get #link(): number {
    return Math.min(this.#options.linkBytesPerSecond, unlimitedLink);
  }

  #horizonSeconds(): number {
    return this.#members.reduce((sum, { presentBytes }) => sum + presentBytes, 0) / this.#link;
  }

  async #run(): Promise<GroupOutcome> {
    const presentBefore = new Map(this.#domains.map((domain) => [domain, domain.info().presentBytes]));
    const finishes: FinishCommand[] = [];
    let error: VmbuddiesError | null = null;
    let beganAt = now();
    try {
      const profiles = await this.#measure();
      beganAt = now();
      await this.#balloon();
      this.#members = this.#domains.map((domain, index) => new Member(domain, profiles[index]));
      for (const group of this.#strategy.synchronised ? [this.#members] : this.#members.map((member) => [member])) {
        this.#cancel.signal.throwIfAborted();
        const finish = await this.#move(group);
        finishes.push(finish);
        if (finish.outcome !== 'committed') break;
      }
    } catch (thrown) {
      if (thrown !== this.#cancel.signal.reason) error = VmbuddiesError.from(thrown);
    }
    if (this.#members.length === 0) this.#members = this.#domains.map((domain) => new Member(domain));
    const outcome = groupOutcome({
      strategy: this.#strategy.name,
      linkBytesPerSecond: this.#options.linkBytesPerSecond,
      members: this.#members,
      finishes,
      refused: this.#arbitrator?.refused ?? false,
      error,
      cancelReason: (this.#cancel.signal.reason as Error | undefined)?.message ?? null,
      beganAt,
      endedAt: now(),
    });
    await this.#undoBalloons(outcome, presentBefore);
    return outcome;
  }

  async #measure(): Promise<(DirtyProfile | undefined)[]> {
    if (!this.#strategy.measured) return [];
    const { profileMs = 2000, tracker = 'auto' } = this.#options;
    return await Promise.all(
      this.#domains.map((domain) => measureProfile(domain, profileMs, tracker, this.#cancel.signal)),
    );
  }

  async #balloon(): Promise<void> {
    if (!this.#strategy.balloon) return;
    await Promise.all(
      this.#domains.map(async (domain) => {
        const { presentBytes, workload } = domain.info();
        const { targetBytes, reason } = decideBalloon({ presentBytes, usedBytes: workload.usedBytes });
        if (targetBytes === null) return;
        const toBytes = await domain.balloon(targetBytes);
        this.#events.push({ type: 'balloon', domain: domain.name, fromBytes: presentBytes, toBytes, reason });
      }),
    );
  }

  /** A guest that stays gets its free memory back; one that moved takes it as it needs it. */
  async #undoBalloons(outcome: GroupOutcome, presentBefore: ReadonlyMap<Domain, number>): Promise<void> {
    if (!this.#strategy.balloon) return;
    const staying = this.#domains.filter((_, index) => outcome.domains[index]!.where === 'source');
    await Promise.allSettled(staying.map((domain) => domain.balloon(presentBefore.get(domain)!)));
  }

  async #move(members: readonly Member[]): Promise<FinishCommand> {
    const { tracker = 'auto', maxDowntimeMs = null, journalFolder = defaultJournalFolder() } = this.#options;
    const stopRule = this.#options.stopRule ?? (maxDowntimeMs === null ? this.#strategy.stopRule : 'downtime');
    mkdirSync(journalFolder, { recursive: true, mode: 0o700 });
    const journalPath = join(journalFolder, journalName(randomUUID()));
    const journal = await openJournal(journalPath);
    try {
      this.#arbitrator = new Arbitrator({
        members,
        division: this.#strategy.division,
        settles: this.#strategy.settles,
        linkBytesPerSecond: this.#link,
        engine: { ...this.#address, stopRule, maxDowntimeMs, tracker },
        journal,
        maxDowntimeMs,
        emit: (event) => this.#events.push(event),
      });
      const moved = this.#arbitrator.run();
      if (this.#cancel.signal.aborted) this.#arbitrator.cancel((this.#cancel.signal.reason as Error).message);
      const finish = await moved;
      // A journal is for recovery; one whose every domain is accounted for has nothing left to recover.
      if (finish.domains.every(({ where, sourceLeft }) => where !== 'unknown' && !sourceLeft)) await rm(journalPath);
      return finish;
    } finally {
      await journal.close();
    }
  }
}

function checkArguments(
  domains: readonly Domain[],
  { linkBytesPerSecond, maxDowntimeMs = 1, profileMs = 1 }: GroupOptions,
) {
  const refuse = (message: string) => {
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
  };
  if (domains.length === 0) refuse('there is no domain to migrate');
  const twice = domains.find(({ name }, index) => domains.findIndex((other) => other.name === name) !== index);
  if (twice) refuse(`domain ${twice.name} is named twice`);
  if (!(linkBytesPerSecond > 0)) refuse('linkBytesPerSecond must be more than 0');
  if (!(maxDowntimeMs > 0)) refuse('maxDowntimeMs must be more than 0');
  if (!(profileMs > 0)) refuse('profileMs must be more than 0');
}

/**
 * Moves domains to a receiver as the strategy says: together, or one after another.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, or the signal's reason, before anything has happened
 */
export function migrateGroup(domains: readonly Domain[], options: GroupOptions): GroupRun {
  return new GroupRun(domains, options);
}
