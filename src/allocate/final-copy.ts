import { requireAtLeast, requireList, requirePositive } from '../model/check.ts';
import { pageBytes } from '../model/load.ts';

/**
 * Rates for the final copies, once all domains of a group are suspended: in proportion to what each has left, so that
 * they end together and the longest pause is as short as the link allows: what is left in all, over the link's rate.
 *
 * A domain with less than a page left counts as having one, since it still has its device state and the end of its
 * stream to send: no rate is 0.
 *
 * @param remainingBytes what each domain has left, 0 or more
 * @param linkBytesPerSecond B: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateFinalCopy(remainingBytes: readonly number[], linkBytesPerSecond: number): number[] {
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requireList('remainingBytes', remainingBytes);
  for (const [index, bytes] of remainingBytes.entries()) requireAtLeast(`remainingBytes[${index}]`, bytes, 0);
  const shares = remainingBytes.map((bytes) => Math.max(bytes, pageBytes));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => linkBytesPerSecond * (share / total));
}
