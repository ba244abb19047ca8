import { requireAtLeast, requirePositive } from '../model/check.ts';
import type { NumberedApplication } from './application.ts';
import type { Edge } from './graph.ts';
import { orderGroups } from './order.ts';
import { OrderProblem, type Ties } from './order-problem.ts';

/** How long it takes to migrate some domains together, as one group. */
export type GroupDuration =
  /** Their migration bytes at this rate: above 0. */
  | { readonly linkBytesPerSecond: number }
  /**
   * Asked for each group, each domain alone and all together; 0 or more, and always the same for the same domains. With
   * {@link allocateOptimal} it can take into account what the domains dirty meanwhile.
   */
  | { readonly predictSeconds: (domains: readonly string[]) => number };

/** One group on its way. */
export interface GroupStep {
  readonly domains: readonly string[];
  readonly migrationBytes: number;
  readonly seconds: number;
  /** The application's traffic on the link meanwhile: between the domains moved before this group and all others. */
  readonly splitBytesPerSecond: number;
}

/** Groups that move one after another. The domains of a group switch over together, when its time is over. */
export interface GroupSequence {
  readonly steps: readonly GroupStep[];
  /** From the first group's start to the last one's end. */
  readonly seconds: number;
  /** All of the application's traffic that crosses the link in this time: each step's rate × its seconds. */
  readonly splitBytes: number;
  /** Proven: no order of these groups splits less. Up to 16 groups always so. */
  readonly orderIsOptimal: boolean;
}

/** Puts groups, given by their domains' numbers, in the order that splits the least traffic (order.ts). */
export function sequenceGroups(
  application: NumberedApplication,
  groups: readonly (readonly number[])[],
  { duration, ties, seed }: { duration: GroupDuration; ties: Ties; seed: number },
): GroupSequence {
  const { names, migrationBytes, flows } = application;
  const members = groups.map((group) => group.map((domain) => names[domain]!));
  const bytes = groups.map((group) => group.reduce((sum, domain) => sum + migrationBytes[domain]!, 0));
  const seconds = groups.map((group) => secondsOfGroup(application, group, duration));

  const groupOf = new Int32Array(names.length);
  for (const [group, domains] of groups.entries()) for (const domain of domains) groupOf[domain] = group;
  const between = flows.map(([from, to, rate]): Edge => [groupOf[from]!, groupOf[to]!, rate]);
  const problem = new OrderProblem(seconds, between, ties);
  const { order, optimal } = orderGroups(problem, seed);
  const rates = problem.splitRates(order);
  return {
    steps: order.map((group, place) => ({
      domains: members[group]!,
      migrationBytes: bytes[group]!,
      seconds: seconds[group]!,
      splitBytesPerSecond: rates[place]!,
    })),
    seconds: seconds.reduce((sum, time) => sum + time, 0),
    splitBytes: problem.splitBytes(order),
    orderIsOptimal: optimal,
  };
}

/** How long a group, given by its domains' numbers, takes. */
export function secondsOfGroup(
  { names, migrationBytes }: NumberedApplication,
  group: readonly number[],
  duration: GroupDuration,
): number {
  if ('linkBytesPerSecond' in duration) {
    requirePositive('linkBytesPerSecond', duration.linkBytesPerSecond);
    return group.reduce((sum, domain) => sum + migrationBytes[domain]!, 0) / duration.linkBytesPerSecond;
  }
  const domains = group.map((domain) => names[domain]!);
  const seconds = duration.predictSeconds(domains);
  requireAtLeast(`predictSeconds of ${domains.join(', ')}`, seconds, 0);
  return seconds;
}
