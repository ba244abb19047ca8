import { requireInteger, requirePositive } from '../model/check.ts';

/**
 * The same rate for each of `count` domains: what tools do that know nothing of their load, and the baseline to compare
 * {@link allocateOptimal} with.
 *
 * @param linkBytesPerSecond B: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateEqual(count: number, linkBytesPerSecond: number): number[] {
  requireInteger('count', count, 0, 2 ** 32 - 1);
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  return new Array<number>(count).fill(linkBytesPerSecond / count);
}
