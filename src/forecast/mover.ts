import type { JudgedRound, MemberStanding } from '../arbitrate/member.ts';
import type { RatedMember } from '../arbitrate/rates.ts';
import type { WaitingDomain } from '../arbitrate/settle.ts';
import type { MigrationState } from '../domains/engine.ts';
import { pageBytes } from '../model/load.ts';
import type { GroupMember } from '../strategy/division.ts';
import { DirtyMemory, RoundCopy } from './copy.ts';
import type { ForecastMember, ForecastTerms } from './forecast.ts';
import { stopReason, trafficLeft } from './stop-rule.ts';

/** As in native/core/migration_loop.cc: how far the final copy may grow while a domain waits. */
const finalCopyGrowth = 2;
const finalCopyPages = 64;

/** One domain of a forecast on its virtual way: the counterpart of a member and its engine. */
export class Mover implements RatedMember, WaitingDomain {
  readonly name: string;
  readonly presentBytes: number;
  readonly #terms: ForecastTerms;
  readonly #memory: DirtyMemory;
  /** The virtual time, for whoever asks what would be sent now. */
  now = 0;
  state: MigrationState = 'idle';
  bytesPerSecond: number | null = null;
  catchingUp = false;
  rounds: JudgedRound[] = [];
  sentBytes = 0;
  beganAt: number | null = null;
  suspendedSeconds = 0;
  #copy: RoundCopy | null = null;
  #sendsFrom = 0;
  #carriedPages = 0;
  #mostFinalPages = 0;
  #finalLeftPages = 0;
  /** When what it is doing ends at its rate; null where that must be found anew. */
  #due: number | null = null;

  constructor({ name, load, pace = 1, standing }: ForecastMember, terms: ForecastTerms) {
    this.name = name;
    this.#terms = terms;
    this.#memory = new DirtyMemory(load, pace);
    this.presentBytes = this.#memory.pages * pageBytes;
    if (standing) this.#resume(standing);
  }

  /** Its final copy has begun, or is over. */
  get final(): boolean {
    return this.state !== 'idle' && this.state !== 'precopy' && this.state !== 'waiting';
  }

  get committed(): boolean {
    return this.state === 'committed';
  }

  get ended(): boolean {
    return this.state === 'committed' || this.state === 'aborted';
  }

  get finalBytes(): number {
    return this.#leftPages() * pageBytes;
  }

  get leftBytes(): number {
    if (this.beganAt === null) return this.presentBytes;
    if (this.#copy === null) return this.finalBytes;
    return (this.#copy.unsentPages + this.#dirtyPages()) * pageBytes;
  }

  dirtyAfter(seconds: number): number {
    return this.#memory.after(seconds) * pageBytes;
  }

  stalesBy(seconds: number): number {
    const age = this.now - this.#memory.cleanedAt;
    return this.dirtyAfter(age + seconds) - this.dirtyAfter(age);
  }

  view(horizonSeconds: number): GroupMember {
    const load = () => this.#load(horizonSeconds);
    return {
      state: this.state,
      get load() {
        return load();
      },
      finalBytes: this.finalBytes,
      catchingUp: this.catchingUp,
      sentOnce: this.rounds.length > 0,
    };
  }

  setRate(bytesPerSecond: number, now: number): void {
    if (bytesPerSecond !== this.bytesPerSecond) this.#due = null;
    this.bytesPerSecond = bytesPerSecond;
    if (this.state !== 'idle') return;
    this.state = 'precopy';
    this.beganAt = now;
    // All connect when the group begins.
    this.#sendsFrom = Math.max(now, this.#terms.costs.connectSeconds);
    this.#begin('all', this.#sendsFrom);
  }

  catchUp(now: number): void {
    this.catchingUp = true;
    this.#begin(now - this.#memory.cleanedAt, now);
  }

  /** When it has news, if its rate stays as it is. */
  nextEventAt(now: number, efficiency: number): number {
    this.#due ??= this.#nextEvent(now, efficiency);
    return this.#due;
  }

  advance(now: number, until: number, efficiency: number): void {
    const from = Math.max(now, this.#sendsFrom);
    if (this.#copy && until > from) this.#copy.advance(from, until, (this.bytesPerSecond ?? 0) * efficiency);
  }

  /** Its event is due. Returns whether the link is to be divided anew. */
  handle(now: number): boolean {
    this.#due = null;
    if (this.#copy === null) {
      // While it waits its final copy has grown too long.
      this.#begin(now - this.#memory.cleanedAt, now);
      return false;
    }
    this.#endRound(now);
    if (this.state === 'waiting') {
      this.catchingUp = false;
      return true;
    }
    const { stopRule, maxDowntimeMs } = this.#terms;
    if (stopReason(stopRule, maxDowntimeMs, this.rounds) !== null) {
      this.state = 'waiting';
      this.#mostFinalPages = Math.max(finalCopyGrowth * this.#leftPages(), finalCopyPages);
    } else {
      this.#begin(now - this.#memory.cleanedAt, now);
    }
    return true;
  }

  /** Bytes its final copy has to send, from now on. */
  beginFinal(now: number): number {
    this.now = now;
    if (this.state === 'stopping') return this.#finalLeftPages * pageBytes;
    if (this.final) return 0;
    return this.finalBytes;
  }

  #nextEvent(now: number, efficiency: number): number {
    const from = Math.max(now, this.#sendsFrom);
    if (this.#copy) {
      const rate = (this.bytesPerSecond ?? 0) * efficiency;
      return rate > 0 ? this.#copy.endsAt(from, rate) : Number.POSITIVE_INFINITY;
    }
    if (this.state !== 'waiting') return Number.POSITIVE_INFINITY;
    return Math.max(now, this.#memory.cleanedAt + this.#memory.secondsUntil(this.#mostFinalPages - this.#carriedPages));
  }

  #begin(content: 'all' | number, now: number): void {
    const sent = this.rounds.reduce((pages, { sentPages }) => pages + sentPages, 0);
    const expected = content === 'all' ? this.#memory.pages : this.#memory.after(content) + this.#carriedPages;
    this.#copy = new RoundCopy(this.#memory, {
      beganAt: now,
      content,
      totalPages: expected,
      skips: true,
      mostSentPages:
        this.state === 'precopy'
          ? trafficLeft(this.#terms.stopRule, this.presentBytes / pageBytes, sent)
          : Number.POSITIVE_INFINITY,
    });
    this.#memory.cleanedAt = now;
    this.#carriedPages = 0;
    this.#sendsFrom = Math.max(this.#sendsFrom, now + this.#terms.costs.roundSeconds);
    this.#due = null;
  }

  #endRound(now: number): void {
    const copy = this.#copy!;
    this.now = now;
    this.#copy = null;
    this.#carriedPages = copy.unsentPages;
    this.sentBytes += copy.sentBytes;
    this.rounds.push({
      kind: this.state === 'precopy' ? 'precopy' : 'wait-and-copy',
      sentPages: copy.sentPages,
      zeroPages: 0,
      skippedPages: copy.skippedPages,
      deferredPages: 0,
      unsentPages: copy.unsentPages,
      dirtiedPages: this.#dirtyPages() + copy.unsentPages,
      sentBytes: copy.sentBytes,
      seconds: now - copy.beganAt,
    });
  }

  #dirtyPages(): number {
    return this.#memory.after(Math.max(this.now - this.#memory.cleanedAt, 0));
  }

  /** What a final copy would send now. */
  #leftPages(): number {
    return this.#dirtyPages() + (this.#copy?.unsentPages ?? this.#carriedPages);
  }

  /** As a member's: two parameters that agree with the curve after the horizon, and after an eighth of it. */
  #load(horizonSeconds: number): GroupMember['load'] {
    const memoryBytes = Math.max(this.presentBytes, pageBytes);
    const wwsBytes = Math.min(this.dirtyAfter(horizonSeconds), memoryBytes);
    const early = horizonSeconds / 8;
    const share = Math.min(this.dirtyAfter(early) / Math.max(wwsBytes, 1), 0.999);
    return {
      memoryBytes,
      wwsBytes,
      dirtyBytesPerSecond: wwsBytes > 0 ? (-wwsBytes * Math.log1p(-share)) / early : 0,
      remainingBytes: Math.min(this.leftBytes, memoryBytes),
      sentBytes: this.sentBytes,
    };
  }

  #resume(standing: MemberStanding): void {
    const { state, bytesPerSecond, rounds, roundPages, roundDonePages, cleanedSecondsAgo } = standing;
    this.state = state;
    if (state === 'idle') return;
    this.beganAt = 0;
    this.bytesPerSecond = bytesPerSecond;
    this.catchingUp = standing.catchingUp;
    this.suspendedSeconds = standing.suspendedSeconds;
    this.rounds = [...rounds];
    this.#memory.cleanedAt = -cleanedSecondsAgo;
    this.#finalLeftPages = Math.max(roundPages - roundDonePages, 0);
    const last = rounds.at(-1);
    const bound = rounds.findLast(({ kind }) => kind === 'precopy')?.dirtiedPages ?? 0;
    this.#mostFinalPages = Math.max(finalCopyGrowth * bound, finalCopyPages);
    this.#carriedPages = last?.unsentPages ?? 0;
    if (state === 'precopy' || (state === 'waiting' && standing.catchingUp)) {
      this.#copy = new RoundCopy(this.#memory, {
        beganAt: -cleanedSecondsAgo,
        content: last ? last.seconds : 'all',
        totalPages: Math.max(roundPages, roundDonePages),
        donePages: roundDonePages,
        skips: true,
        mostSentPages: Number.POSITIVE_INFINITY,
      });
      this.#carriedPages = 0;
    }
  }
}
