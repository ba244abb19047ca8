import type { EngineEvent } from '../domains/domain.ts';
import { giveUpAfterMs } from '../domains/engine.ts';
import { VmbuddiesError } from '../errors.ts';
import { leastRate } from '../strategy/shares.ts';
import type { ArbitratorOptions } from './arbitrator-options.ts';
import type { JournalHome } from './journal-format.ts';
import type { Member } from './member.ts';
import { step } from './protocol.ts';
import type {
  Decision,
  DomainCommand,
  FinishCommand,
  GroupCommand,
  GroupEvent as ProtocolEvent,
} from './protocol-messages.ts';
import { type GroupState, initialGroup } from './protocol-state.ts';
import { type Occasion, Rates, windowEnds } from './rates.ts';
import { endRecord, groupRecord, recordFailed } from './recovery.ts';
import { Settling } from './settle.ts';

/** Without a limit on the link the model still needs a number to divide: more than any machine can send. */
export const unlimitedLink = 1e12;

const recordingPhase = { STOP: 'recording-stop', COMMIT: 'recording-commit', ABORT: 'recording-abort' } as const;

/** Drives the group protocol over real domains: it carries out orders, reports facts and divides the link. */
export class Arbitrator {
  readonly #options: ArbitratorOptions;
  readonly #finished: Promise<FinishCommand>;
  readonly #rates: Rates;
  readonly #settling: Settling | null;
  #resolve!: (finish: FinishCommand) => void;
  #state: GroupState;
  #linkBytesPerSecond: number;
  #refused = false;
  readonly #ended = new AbortController();
  #pauseIsWatched = false;

  constructor(options: ArbitratorOptions) {
    this.#options = options;
    this.#linkBytesPerSecond = options.linkBytesPerSecond;
    const { members, maxDowntimeMs, strategy, adaptation } = options;
    this.#rates = new Rates(strategy, adaptation);
    this.#settling = strategy.settling && new Settling(strategy.settling);
    this.#state = initialGroup(
      members.map(({ name }) => name),
      maxDowntimeMs === null ? {} : { pauseBudgetMs: maxDowntimeMs },
    );
    this.#finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The group was turned back because its pause would have been too long. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Where the group protocol stands. */
  get phase(): GroupState['phase'] {
    return this.#state.phase;
  }

  /** How the catching up before the first barrier stands; null for a strategy without. Not to be changed. */
  get settling(): Settling | null {
    return this.#settling;
  }

  /** Moves the group. Resolves when every domain's place is known; rejects only if nothing was begun. */
  async run(): Promise<FinishCommand> {
    const { members, engine, journal, trust } = this.#options;
    const destination = { kind: members[0]!.domain.kind, to: engine.to, ssh: engine.xen.ssh, ...trust };
    await journal.append(groupRecord(this.#state, destination, homeOf(members)));
    // All connect now: a destination that lets one of them not in says so before anything is sent, and none waits for its
    // connection when its turn comes.
    for (const member of members) void this.#migrate(member);
    this.#divide();
    void this.#followWindows(this.#ended.signal);
    const finish = await this.#finished;
    this.#ended.abort();
    const end = endRecord(finish); // a courtesy to whoever reads the journal; recovery does without it
    if (end) await this.#options.journal.append(end).catch(() => {});
    return finish;
  }

  /** From now on the group may use so much of the link, in bytes per second; Infinity for no limit. */
  setLink(bytesPerSecond: number): void {
    this.#linkBytesPerSecond = bytesPerSecond;
    this.#divide();
  }

  /** Brings the group back to its source, unless COMMIT is recorded already. */
  cancel(reason: string): void {
    this.#apply({ type: 'cancel', reason });
  }

  #apply(event: ProtocolEvent): void {
    const { state, commands } = step(this.#state, event);
    this.#state = state;
    for (const command of commands) this.#carryOut(command);
    if (commands.some(({ type }) => type === 'stopAndCopy')) {
      void this.#watchPause();
      this.#divide();
    }
  }

  #carryOut(command: GroupCommand): void {
    switch (command.type) {
      case 'finish':
        this.#resolve(command);
        break;
      case 'predictPause':
        this.#predictPause();
        break;
      case 'record':
        void this.#record(command.decision, command.reason);
        break;
      default:
        this.#order(command.type, this.#options.members.find(({ name }) => name === command.domain)!);
    }
  }

  #order(order: DomainCommand['type'], member: Member): void {
    if (order === 'stopAndCopy') member.stopAndCopy();
    else if (order === 'pledge') this.#pledge(member);
    else if (order === 'commit') member.commit();
    else if (order === 'destroySource') void this.#destroySource(member);
    else if (member.started) member.abort();
    else this.#apply({ type: 'aborted', domain: member.name });
  }

  /** A domain that cannot pledge has aborted: the end of its migration is reported when it comes. */
  #pledge(member: Member): void {
    if (member.pledge()) this.#apply({ type: 'pledged', domain: member.name });
  }

  /** The deadline of the second barrier. Each engine keeps it too, for its own guest, should this process be held up. */
  async #watchPause(): Promise<void> {
    const { clock, maxDowntimeMs } = this.#options;
    if (maxDowntimeMs === null || this.#pauseIsWatched) return;
    this.#pauseIsWatched = true;
    try {
      await clock.pause(giveUpAfterMs(maxDowntimeMs), this.#ended.signal);
      this.#apply({ type: 'deadline', barrier: 'prepared' });
    } catch (error) {
      if (!this.#ended.signal.aborted) this.cancel(`the arbitrator failed: ${(error as Error).message}`);
    }
  }

  async #record(decision: Decision, reason: string | null): Promise<void> {
    try {
      await this.#options.journal.append({ type: 'decision', decision, reason });
    } catch (error) {
      this.#apply(recordFailed(decision, error));
      return;
    }
    // A decision that was overtaken while it was written is followed by another, and that one counts.
    if (this.#state.phase === recordingPhase[decision]) this.#options.emit({ type: 'decision', decision, reason });
    this.#apply({ type: 'recorded', decision });
  }

  #predictPause(): void {
    const { members, maxDowntimeMs } = this.#options;
    const bytes = members.reduce((sum, member) => sum + member.finalBytes, 0);
    const pauseMs = (bytes / this.#reachedBytesPerSecond()) * 1000;
    this.#refused = pauseMs > maxDowntimeMs!;
    this.#apply({ type: 'pausePredicted', pauseMs });
  }

  /** What the link carries: its limit, or, without one, the most that any round has reached. */
  #reachedBytesPerSecond(): number {
    if (Number.isFinite(this.#linkBytesPerSecond)) return this.#linkBytesPerSecond;
    const rounds = this.#options.members.flatMap((member) => member.rounds);
    const reached = rounds.map(({ sentBytes, seconds }) => (seconds > 0 ? sentBytes / seconds : 0));
    return Math.max(...reached) || unlimitedLink;
  }

  /** What the model reckons with. */
  get #divisible(): number {
    return Math.min(this.#linkBytesPerSecond, unlimitedLink);
  }

  /** What the engine is told: a share of a link without a limit has none either. */
  #inForce(bytesPerSecond: number): number {
    const isUnlimited = this.#linkBytesPerSecond === Number.POSITIVE_INFINITY && bytesPerSecond > leastRate;
    return isUnlimited ? Number.POSITIVE_INFINITY : bytesPerSecond;
  }

  async #destroySource(member: Member): Promise<void> {
    const domain = member.name;
    try {
      await member.domain.destroy({ force: true });
      this.#apply({ type: 'sourceDestroyed', domain });
    } catch (error) {
      this.#apply({ type: 'destroyFailed', domain, reason: VmbuddiesError.from(error).message });
    }
  }

  async #migrate(member: Member): Promise<void> {
    const report = await this.#ending(member);
    this.#apply(report);
    this.#divide();
  }

  /** Runs one migration to its end and says what that means to the group. Never rejects. */
  async #ending(member: Member): Promise<ProtocolEvent> {
    const domain = member.name;
    try {
      member.outcome = await member.start(this.#options.engine, (event) => this.#onEngine(member, event));
      const { state, overran, downtimeSeconds } = member.outcome;
      if (state === 'committed') return { type: 'started', domain };
      // It runs here by now, whatever becomes of its name.
      await member.domain.stepBack();
      if (!overran) return { type: 'aborted', domain };
      const pause = `stood still for ${Math.round(downtimeSeconds * 1000)} ms`;
      const reason = `it ${pause}, over the downtime budget of ${this.#options.maxDowntimeMs} ms`;
      return { type: 'failed', domain, where: 'source', reason };
    } catch (thrown) {
      const error = VmbuddiesError.from(thrown, { domain });
      member.error = error;
      const where = error.where === 'unknown' || (!error.where && member.toldToCommit) ? 'unknown' : 'source';
      // A guest that has ended cannot take its name back; the failure that matters is the first one.
      if (where === 'source') await member.domain.stepBack().catch(() => {});
      return { type: 'failed', domain, where, reason: error.message };
    }
  }

  /** Called from the native side, where an exception would be lost: it brings the group home instead. */
  #onEngine(member: Member, event: EngineEvent): void {
    try {
      this.#follow(member, event);
    } catch (error) {
      this.cancel(`the arbitrator failed: ${(error as Error).message}`);
    }
  }

  #follow(member: Member, event: EngineEvent): void {
    const domain = member.name;
    if (event.type === 'failed') return; // the end of its run says so
    if (event.type === 'round') {
      this.#options.emit({ type: 'round', domain, round: event.round });
      if (member.newPhase) this.#options.emit({ type: 'phase', domain, ...member.newPhase });
      if (event.round.kind === 'wait-and-copy') {
        this.#settle(); // it divides the link again if somebody is to catch up
        return;
      }
    } else if (event.type === 'state') {
      const { state, stopReason } = event;
      this.#options.emit({ type: 'state', domain, state, stopReason: state === 'waiting' ? stopReason : null });
      if (state === 'waiting') this.#settle();
      if (state === 'prepared') void this.#prepared(member);
    } else if (!member.finalCopyBegins) {
      return; // the final copies' sizes are news, once; otherwise round ends are soon enough
    }
    this.#divide();
  }

  /** Reports the group as waiting once all wait and none has more to gain than it would cost. */
  #settle(): void {
    const { members } = this.#options;
    if (this.#state.phase !== 'precopy' || !members.every(({ state }) => state === 'waiting')) return;
    if (members.some(({ catchingUp }) => catchingUp)) return;
    const next = this.#settling?.next(members, this.#divisible);
    if (next) {
      next.catchUp();
      this.#divide();
    } else {
      for (const { name } of members) this.#apply({ type: 'waiting', domain: name });
    }
  }

  /** The source is suspended by now: its name can go to the copy, which takes it when it starts. */
  async #prepared(member: Member): Promise<void> {
    try {
      await member.domain.stepAside();
    } catch (thrown) {
      const error = VmbuddiesError.from(thrown);
      // A suspended source that has ended leaves its name free, and its copy is all that is left of the guest.
      if (error.code !== 'ERR_VMBUDDIES_DOMAIN_GONE') {
        this.cancel(error.message);
        return;
      }
    }
    this.#apply({ type: 'prepared', domain: member.name });
  }

  async #followWindows(ended: AbortSignal): Promise<void> {
    try {
      for await (const _ of windowEnds(this.#options, ended)) this.#divide('window');
    } catch (error) {
      this.cancel(`the arbitrator failed: ${(error as Error).message}`);
    }
  }

  #divide(occasion: Occasion = 'event'): void {
    if (this.#state.phase === 'finished') return;
    const { members, emit } = this.#options;
    const rates = this.#rates.next(members, this.#divisible, occasion);
    if (rates === null) return;
    for (const [member, rate] of rates) {
      if (member.begun) member.setRate(rate, this.#inForce(rate));
      else if (this.#state.phase === 'precopy') member.begin(rate, this.#inForce(rate));
    }
    const inForce = members.filter((member) => !member.ended);
    if (inForce.length === 0) return;
    emit({
      type: 'rates',
      bytesPerSecond: Object.fromEntries(inForce.map(({ name, bytesPerSecond }) => [name, bytesPerSecond ?? 0])),
    });
  }
}

function homeOf(members: readonly Member[]): JournalHome | null {
  const domains = members.map(({ domain }) => domain);
  const uuids = domains.flatMap((domain) => (domain.kind === 'sim' ? [] : [domain.info().uuid]));
  if (uuids.length < domains.length) return null;
  return { registry: domains[0]!.kind === 'process' ? domains[0]!.registry : null, uuids };
}
