import type { MigrationState, Round, StopReason } from '../domains/domain.ts';
import type { Decision } from './protocol-messages.ts';

/** What happens to a group, as it happens. */
export type GroupEvent =
  | {
      readonly type: 'balloon';
      readonly domain: string;
      readonly fromBytes: number;
      readonly toBytes: number;
      readonly reason: string;
    }
  /** A balloon that was left as it is, and why: the guest does not say what is free, or could not be given it again. */
  | { readonly type: 'balloon-skipped'; readonly domain: string; readonly reason: string }
  | { readonly type: 'rates'; readonly bytesPerSecond: Readonly<Record<string, number>> }
  | { readonly type: 'round'; readonly domain: string; readonly round: Round }
  /** A domain dirties its memory at another rate than before (§3.4), as windows of a second would show it. */
  | {
      readonly type: 'phase';
      readonly domain: string;
      readonly fromBytesPerSecond: number;
      readonly toBytesPerSecond: number;
    }
  | {
      readonly type: 'state';
      readonly domain: string;
      readonly state: MigrationState;
      readonly stopReason: StopReason | null;
    }
  | { readonly type: 'decision'; readonly decision: Decision; readonly reason: string | null };
