/** What is known of a domain's memory before it moves. Bytes. */
export interface BalloonInputs {
  readonly presentBytes: number;
  /** What the guest needs: its footprint. */
  readonly usedBytes: number;
}

export interface BalloonDecision {
  /** Memory to leave the guest; null: leave it as it is. */
  readonly targetBytes: number | null;
  readonly reason: string;
}

/** Free memory that stays with the guest, as a share of what it uses, so that it can grow while it moves. */
const marginShare = 0.05;
/** Less than this share of the memory to gain is not worth a balloon. */
const leastGain = 0.02;

/** Whether and how far to balloon before a migration (§4.2): everything that is free but a margin. Pure. */
export function decideBalloon({ presentBytes, usedBytes }: BalloonInputs): BalloonDecision {
  const targetBytes = Math.ceil((usedBytes * (1 + marginShare)) / 4096) * 4096;
  const gain = presentBytes - targetBytes;
  if (gain < presentBytes * leastGain) {
    return { targetBytes: null, reason: `${percent(usedBytes, presentBytes)} of its memory is in use` };
  }
  return { targetBytes, reason: `${percent(gain, presentBytes)} of its memory is free` };
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)} %`;
}
