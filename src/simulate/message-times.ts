import type { Random } from '../random.ts';

/** What TCP waits for an answer before it sends again, beyond the time that one takes: Linux' lower bound (RFC 6298). */
const leastPatienceSeconds = 0.2;

/**
 * How long the next message takes to the other side. Each is lost with probability `loss`, and sent again when its
 * sender loses patience, which takes twice as long each time.
 */
export function messageTimes(latencySeconds: number, loss: number, random: Random): () => number {
  return () => {
    let seconds = latencySeconds;
    let patience = leastPatienceSeconds + 2 * latencySeconds;
    // No one waits for more than this, so it need not be known how much more.
    for (; random() < loss && seconds < 3600; patience *= 2) seconds += patience;
    return seconds;
  };
}
