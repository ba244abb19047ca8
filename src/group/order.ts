import { seededRandom } from '../random.ts';
import { orderExactly } from './order-exact.ts';
import type { OrderProblem } from './order-problem.ts';
import { searchOrder } from './order-search.ts';

/** Up to so many groups the best order is computed; above, it is searched for. */
const mostExactGroups = 16;

/** An order of groups. */
export interface GroupOrder {
  readonly order: readonly number[];
  /** No order splits less traffic. */
  readonly optimal: boolean;
}

/**
 * The order in which groups move so that the link carries as little of the application's traffic as possible: the least
 * sum of each group's time × the traffic between those moved before it and all others. Up to 16 groups it is the least
 * there is; and of equal orders, the one in which least traffic goes from groups moved later to groups moved earlier (with
 * ties 'sinks-first': the other way), so that a directed acyclic graph is walked along its edges.
 */
export function orderGroups(problem: OrderProblem, seed: number): GroupOrder {
  return problem.groupCount <= mostExactGroups
    ? { order: orderExactly(problem), optimal: true }
    : { order: searchOrder(problem, seededRandom(seed)), optimal: false };
}
