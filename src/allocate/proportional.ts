import { requireList, requirePositive } from '../model/check.ts';

/**
 * The link divided in proportion to the domains' memory: what can be done without a dirty log, and a baseline to compare
 * {@link allocateOptimal} with.
 *
 * @param memoryBytes M_k, each above 0
 * @param linkBytesPerSecond B: above 0
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateByMemory(memoryBytes: readonly number[], linkBytesPerSecond: number): number[] {
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requireList('memoryBytes', memoryBytes);
  for (const bytes of memoryBytes) requirePositive('memoryBytes', bytes);
  const total = memoryBytes.reduce((sum, bytes) => sum + bytes, 0);
  return memoryBytes.map((bytes) => (bytes / total) * linkBytesPerSecond);
}
