import { VmbuddiesError } from '../errors.ts';
import type { Figure } from './figure.ts';
import { recipes } from './figures/registry.ts';
import { runTrials } from './trials.ts';

export const figureNames: readonly string[] = recipes.map(({ name }) => name);

/**
 * Simulates what the figures need, each experiment once, and draws them.
 * @param wanted names of {@link figureNames}; none: all of them
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT for a name that is not among them
 */
export async function reproduceFigures(wanted: readonly string[] = []): Promise<Figure[]> {
  const unknown = wanted.find((name) => !figureNames.includes(name));
  if (unknown !== undefined) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_ARGUMENT',
      `there is no figure '${unknown}' to reproduce; there are ${figureNames.join(', ')}`,
    );
  }
  const chosen = recipes.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const trials = await runTrials(chosen.flatMap(({ cells }) => cells));
  return chosen.map((recipe) => recipe.draw(trials));
}
