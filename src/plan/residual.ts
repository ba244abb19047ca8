import { pageBytes } from '../model/load.ts';
import type { PlannedDomain } from './application.ts';
import { dirtyBytesAfter, meanLevel, type WrittenPart, writtenParts } from './dirtying.ts';
import { presentBytes } from './load.ts';

/** Below this Xen's own rule ends pre-copy: nobody notices such a pause. */
const negligibleBytes = 50 * pageBytes;
/** Steps of an integration, and halvings of a bracket: a thousandth is enough for what is told with three digits. */
const steps = 32;
const halvings = 40;

/**
 * What stays dirty at this rate however long pre-copy goes on: the rounds have become as long as those before them. It falls
 * with the rate, and with less work of the guest. 0 if it is below Xen's 50 pages.
 *
 * Pages that are dirty again before their turn are skipped, so less is sent than was dirty. With pages written at random all
 * over W this comes to W (1 - r / d), where the cost model, which skips nothing, has the root of x = W (1 - e^(-d x / (r W))).
 *
 * @param level how hard the guest works, as a share of its high level
 */
export function residualBytes(
  domain: PlannedDomain,
  bytesPerSecond: number,
  level = meanLevel(domain.workload),
): number {
  const parts = writtenParts(domain.workload, level);
  // What is dirty grows ever more slowly with the length of a round, so the next round is longer below one length only.
  let shorter = 0;
  let longer = presentBytes(domain) / bytesPerSecond;
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (shorter + longer) / 2;
    if (nextRoundSeconds(parts, middle, bytesPerSecond) > middle) shorter = middle;
    else longer = middle;
  }
  const residual = dirtyBytesAfter(parts, longer);
  return residual <= negligibleBytes ? 0 : residual;
}

/** The pause that this makes for a domain that moves alone, with the whole link. */
export function residualSeconds(domain: PlannedDomain, bytesPerSecond: number, level?: number): number {
  return residualBytes(domain, bytesPerSecond, level) / bytesPerSecond;
}

/**
 * How long it takes to go through what a round has left dirty. Of a part that is written λ times a second, e^(-λ t) of the
 * pages still need to be sent after t, so a share df of the way takes dt = Σ bytes e^(-λ t) / r df (Runge and Kutta).
 */
function nextRoundSeconds(parts: readonly WrittenPart[], roundSeconds: number, bytesPerSecond: number): number {
  const dirty = parts.map((part) => ({ ...part, bytes: dirtyBytesAfter([part], roundSeconds) }));
  const slope = (seconds: number) =>
    dirty.reduce((sum, { bytes, writesPerSecond }) => sum + bytes * Math.exp(-writesPerSecond * seconds), 0) /
    (bytesPerSecond * steps);
  let seconds = 0;
  for (let step = 0; step < steps; step++) {
    const first = slope(seconds);
    const second = slope(seconds + first / 2);
    const third = slope(seconds + second / 2);
    seconds += (first + 2 * second + 2 * third + slope(seconds + third)) / 6;
  }
  return seconds;
}
