import { requireObject, requireObjects, requirePositive } from '../model/check.ts';
import { type PaperLoad, type PaperModelOptions, paperCost } from '../model/paper.ts';

export interface QuasiSecantOptions extends PaperModelOptions {
  /** q of step (1), "a random number bigger than 0": how far above S the second line lies, in seconds. */
  readonly firstStepSeconds: number;
  /** delta of step (3), as a share of the link. Default 1e-6. */
  readonly tolerance?: number;
  /** Steps after which it is given up. Default 100. */
  readonly mostSteps?: number;
}

/** How Algorithm 2 ended. */
export interface QuasiSecantResult {
  /** The rates it found; null when it did not arrive. */
  readonly bytesPerSecond: number[] | null;
  /** The common completion of its last step, in seconds. */
  readonly completionSeconds: number;
  /** Steps of the outer iteration. */
  readonly steps: number;
  /** How often a domain's completion was computed. */
  readonly evaluations: number;
}

const mostNewtonSteps = 100;
const newtonTolerance = 1e-12;

/**
 * Algorithm 2 as printed (§3.3.2), the baseline for {@link allocateOptimal}: horizontal lines T = S + lambda sweep the
 * curves T_k = f(r_k); each root by Newton's method; lambda by the quasi-secant of eqs. 11 and 12 on the distance
 * |sum of r_k - B|. It has no bracket and the distance has no sign, so from a bad first step it does not arrive.
 *
 * @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming the argument that is out of its range.
 */
export function allocateQuasiSecant(
  domains: readonly PaperLoad[],
  linkBytesPerSecond: number,
  options: QuasiSecantOptions,
): QuasiSecantResult {
  requireObjects('domains', domains);
  requireObject('options', options);
  const { firstStepSeconds, tolerance = 1e-6, mostSteps = 100, ...model } = options;
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  requirePositive('firstStepSeconds', firstStepSeconds);
  let evaluations = 0;
  const cost = (load: PaperLoad, rate: number) => {
    evaluations++;
    return paperCost(load, rate, model);
  };
  const root = (load: PaperLoad, seconds: number): number => {
    let rate = load.memoryBytes / seconds + load.dirtyBytesPerSecond;
    for (let step = 0; step < mostNewtonSteps && rate > 0; step++) {
      const { completionSeconds, slope } = cost(load, rate);
      const next = rate - (completionSeconds - seconds) / slope;
      if (Math.abs(next - rate) <= newtonTolerance * rate) return next;
      rate = next;
    }
    return Number.NaN;
  };

  // (1) The least completion that the whole link gives to any of them.
  const least = Math.min(...domains.map((load) => cost(load, linkBytesPerSecond).completionSeconds));
  let lambda = 0;
  let step = firstStepSeconds;
  let lastDistance = Number.NaN;
  for (let steps = 1; steps <= mostSteps; steps++) {
    const completionSeconds = least + lambda;
    // (2) The roots on this line, (3) and how far they are from the link.
    const rates = domains.map((load) => root(load, completionSeconds));
    const distance = Math.abs(rates.reduce((sum, rate) => sum + rate, 0) - linkBytesPerSecond);
    if (distance <= tolerance * linkBytesPerSecond && rates.every((rate) => rate > 0)) {
      return { bytesPerSecond: rates, completionSeconds, steps, evaluations };
    }
    if (steps > 1) step = (distance * step) / (lastDistance - distance);
    lastDistance = distance;
    lambda += step;
    if (!Number.isFinite(lambda) || least + lambda <= 0) {
      return { bytesPerSecond: null, completionSeconds, steps, evaluations };
    }
  }
  return { bytesPerSecond: null, completionSeconds: least + lambda, steps: mostSteps, evaluations };
}
