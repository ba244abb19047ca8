import type { Random } from '../random.ts';
import { Grouping } from './grouping.ts';
import type { GroupOf, PartitionProblem } from './pack.ts';
import { refine } from './refine.ts';

/** Pairs that try to change places, as a share of the vertices: enough to leave a local optimum, not to lose its merits. */
const kickedShare = 1 / 15;

/** Lets pairs taken at random change places, and refines what comes out. `groupOf` stays as it is. */
export function kick(problem: PartitionProblem, random: Random, groupOf: GroupOf): GroupOf {
  const { vertexCount } = problem.graph;
  const kicked = groupOf.slice();
  const groups = new Grouping(problem, kicked);
  const anyVertex = () => Math.floor(random() * vertexCount);
  for (let pair = 0; pair < vertexCount * kickedShare; pair++) {
    const [one, other] = [anyVertex(), anyVertex()];
    const [mine, theirs] = [kicked[one]!, kicked[other]!];
    if (mine === theirs || !groups.allowsSwap(one, other)) continue;
    groups.move(one, theirs);
    groups.move(other, mine);
  }
  refine(problem, kicked);
  return kicked;
}
