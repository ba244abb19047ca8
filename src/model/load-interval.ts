import { argumentError, requireAtLeast, requireObject } from './check.ts';
import { checkLoad, type DomainLoad } from './load.ts';

/** How well a load is known: relative standard errors, 0.1 being 10 %; each in [0, 10], default 0: known exactly. */
export interface LoadUncertainty {
  readonly wws?: number;
  readonly dirty?: number;
  readonly cold?: number;
}

const mostUncertain = 10;

/**
 * The lightest and the heaviest load that are likely: with a probability of at least `coverage` all of W, d and c lie
 * between the two, each taken to be lognormal. How their errors depend on each other is not known, so each gets its
 * share of what may lie outside (Bonferroni). W ends at the memory; what is 0 stays 0.
 *
 * Completion and traffic never fall with W, d or c ({@link Precopy.evaluate}), so over all loads between they lie
 * between those of the two: nothing between need be tried.
 *
 * @param coverage in [0.5, 0.999]
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function loadInterval(
  load: DomainLoad,
  uncertainty: LoadUncertainty,
  coverage: number,
): { readonly low: DomainLoad; readonly high: DomainLoad } {
  checkLoad(load);
  requireObject('uncertainty', uncertainty);
  const { memoryBytes, wwsBytes, dirtyBytesPerSecond, coldBytesPerSecond = 0 } = load;
  const { wws = 0, dirty = 0, cold = 0 } = uncertainty;
  for (const [name, error] of Object.entries({ wws, dirty, cold })) checkError(`uncertainty.${name}`, error);
  const uncertain = [wws * wwsBytes, dirty * dirtyBytesPerSecond, cold * coldBytesPerSecond].filter(
    (error) => error > 0,
  );
  const z = normalQuantile(1 - (1 - checkCoverage(coverage)) / (2 * Math.max(uncertain.length, 1)));
  const at = (sign: 1 | -1): DomainLoad => ({
    ...load,
    wwsBytes: Math.min(wwsBytes * Math.exp(sign * z * wws), memoryBytes),
    dirtyBytesPerSecond: dirtyBytesPerSecond * Math.exp(sign * z * dirty),
    coldBytesPerSecond: coldBytesPerSecond * Math.exp(sign * z * cold),
  });
  return { low: at(-1), high: at(1) };
}

/** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT unless it is in [0.5, 0.999]. */
export function checkCoverage(coverage: number): number {
  if (!(coverage >= 0.5 && coverage <= 0.999)) throw argumentError(`coverage must be in [0.5, 0.999], not ${coverage}`);
  return coverage;
}

/**
 * x with Phi(x) = `probability` in [0.5, 1), to 4.5e-4: Abramowitz and Stegun, Handbook of Mathematical Functions,
 * 26.2.23.
 */
export function normalQuantile(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - probability));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

function checkError(name: string, error: number): void {
  requireAtLeast(name, error, 0);
  if (error > mostUncertain) throw argumentError(`${name} must be at most ${mostUncertain}, not ${error}`);
}
