import type { ModelOptions } from './load.ts';

/**
 * Stands for the stop rule `converged`, which the model does not know: where rounds no longer shrink it ends them soon, where
 * they do the later ones carry next to nothing. Of all limits this one's times are nearest to those of simulated migrations.
 */
export const earlyTermination: ModelOptions = { roundLimit: 4 };
