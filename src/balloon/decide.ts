import { requireAtLeast, requireObject } from '../model/check.ts';
import { pageBytes } from '../model/load.ts';

/** What is known of a domain's memory before it moves. */
export interface BalloonInputs {
  /** What it has now, in bytes. */
  readonly presentBytes: number;
  /** What the guest needs of it: its footprint, in bytes. */
  readonly usedBytes: number;
  /** By how much that has grown lately; below 0 it shrank. 0 where there is but one reading. */
  readonly growthBytesPerSecond?: number;
  /** For how long the guest has to do with what it is left: about as long as it moves. 0 or more. */
  readonly seconds?: number;
}

/** Which rule spoke: there is memory to give; it is all in use; or the guest would need it before it has moved. */
export type BalloonRule = 'free' | 'in-use' | 'growing';

export interface BalloonDecision {
  readonly inputs: Required<BalloonInputs>;
  /** Kept free beyond what is used, in bytes: what it is expected to grow by, or the margin where that is more. */
  readonly reserveBytes: number;
  readonly rule: BalloonRule;
  /** Memory to leave the guest, whole pages and never less than it uses; null: leave it as it is. */
  readonly targetBytes: number | null;
  /** All of that in one sentence's worth of words. */
  readonly reason: string;
}

/** Free memory that stays with the guest in any case, as a share of what it uses. */
const marginShare = 0.05;
/** Less than this share of the memory to gain is not worth a balloon. */
const leastGain = 0.02;

/**
 * Whether and how far to balloon before a migration (§4.2): everything that is free, but for what the guest may come to
 * need while it moves, since it has nobody to ask for it then. That is the growth of late continued, and at least 5 %.
 * Pure, and the same for every kind of domain.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the input that is out of its range.
 */
export function decideBalloon(known: BalloonInputs): BalloonDecision {
  requireObject('inputs', known);
  const { presentBytes, usedBytes, growthBytesPerSecond = 0, seconds = 0 } = known;
  requireAtLeast('presentBytes', presentBytes, 0);
  requireAtLeast('usedBytes', usedBytes, 0);
  requireAtLeast('growthBytesPerSecond', growthBytesPerSecond, -Number.MAX_VALUE);
  requireAtLeast('seconds', seconds, 0);
  const inputs = { presentBytes, usedBytes, growthBytesPerSecond, seconds };
  const marginBytes = usedBytes * marginShare;
  const growthBytes = Math.max(growthBytesPerSecond, 0) * seconds;
  const reserveBytes = Math.max(marginBytes, growthBytes);
  const targetBytes = Math.ceil((usedBytes + reserveBytes) / pageBytes) * pageBytes;
  const gainBytes = presentBytes - targetBytes;
  const used = `${percent(usedBytes, presentBytes)} of its memory is in use`;
  const grows = `grows by ${percent(growthBytesPerSecond * 60, presentBytes)} of its memory a minute`;
  if (gainBytes >= presentBytes * leastGain) {
    const reason = `${percent(gainBytes, presentBytes)} of its memory is free`;
    const kept = growthBytes > marginBytes ? `${reason}, less what it will need as it ${grows}` : reason;
    return { inputs, reserveBytes, rule: 'free', targetBytes, reason: kept };
  }
  const isFull = presentBytes - usedBytes - marginBytes < presentBytes * leastGain;
  if (isFull) return { inputs, reserveBytes, rule: 'in-use', targetBytes: null, reason: used };
  return { inputs, reserveBytes, rule: 'growing', targetBytes: null, reason: `${used}, and it ${grows}` };
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`;
}
