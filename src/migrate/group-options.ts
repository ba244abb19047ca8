import type { Adaptation } from '../adapt/adaptation.ts';
import type { EngineChoice, StopRuleName } from '../domains/domain.ts';
import type { StrategyName } from '../strategy/strategy.ts';
import type { PeerOptions } from './peers.ts';

/** By so much more than `maxDowntimeMs` a guest may stand still before its group is brought home. */
export const pauseToleranceMs = 100;

export interface GroupOptions extends PeerOptions {
  /**
   * Process domains: the receiver's address, `HOST:PORT` or `[IPv6]:PORT`; beyond loopback `secret` must be given, or
   * `insecure`. Xen domains: the host, `HOST` or `USER@HOST` as
   * ssh takes it; nothing but xl needs to be installed there.
   */
  readonly to: string;
  /** Where `secret` was read: recorded, so that a recovery can prove the same. The secret itself is never recorded. */
  readonly secretFile?: string;
  /** What all domains together may send, in bytes per second; Infinity for no limit. */
  readonly linkBytesPerSecond: number;
  /** Default `turns`. */
  readonly strategy?: StrategyName;
  /** Overrides the strategy's stop rule. */
  readonly stopRule?: StopRuleName;
  /**
   * Bring the group home rather than let any guest stand still for longer than this, by more than a tolerance of 100 ms:
   * before anything is suspended if the pause is predicted to be longer, and if it comes to be, as long as COMMIT is not
   * being recorded. The stop rule stays the strategy's, so a budget makes no pause longer.
   */
  readonly maxDowntimeMs?: number;
  /**
   * How long a guest may take to suspend; it runs on at its source if it takes longer. Default 60 000 for Xen domains, as
   * xl has it, and 5 000 for process domains.
   */
  readonly suspendTimeoutMs?: number;
  /**
   * When the link is divided anew as loads change (§3.4). `phases`, the default: when a round has shown that it brings the
   * end nearer. Or at the end of each window of so many milliseconds, and then only; at least 100.
   */
  readonly adapt?: Adaptation;
  /**
   * How long the domains' loads are measured before the start, where the strategy needs that. From 10 s on, half of it is
   * spent on recording phases. Default 2000.
   */
  readonly profileMs?: number;
  /** Which way to keep the dirty logs; `auto` takes the best that works here. */
  readonly tracker?: string;
  /** Xen domains: command used in place of ssh, as for `xl migrate -s`; it is called as `SSH HOST COMMAND…`. */
  readonly ssh?: string;
  /** Xen domains: whose round loop moves them. Default `auto`. */
  readonly engine?: EngineChoice;
  /**
   * Xen domains: while the guest is stopped, send all its memory a second time for the receiver to compare. A test of
   * the migration itself, at the price of a long pause. Default false.
   */
  readonly verifyStream?: boolean;
  /** Where decisions are recorded; see {@link defaultJournalFolder}. */
  readonly journalFolder?: string;
  /** Aborting it brings the group home: an outcome, not an error. */
  readonly signal?: AbortSignal;
}
