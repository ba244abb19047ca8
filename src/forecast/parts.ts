import type { GrowthPoint } from '../measure/curve.ts';

/** A hot part and a cold one: H (1 - e^(-h t)) + C (1 - e^(-c t)) pages are dirty after t seconds. */
export interface Parts {
  readonly hotPages: number;
  /** How often a second each of its pages is written. */
  readonly hotRate: number;
  readonly coldPages: number;
  readonly coldRate: number;
}

/** No part is taken to be fuller than this when it is last looked at: how often it is written could not be told. */
const fullest = 0.98;
/** From a hot part that hardly begins to fill while it is looked at to one that is full at the first look. */
const rateSteps = 24;
const slowest = 0.2;
const fastest = 8;
const sizeSteps = 24;
const leastHotShare = 1e-3;
const refinements = 3;
/** A hot part of its own must explain so much of what a single part leaves unexplained: few points decide little. */
const worthAPart = 0.5;
/** Counts this small differ by chance. */
const fewPages = 16;

/**
 * Fits the two parts to measurements at several times, given how many pages the two have between them: where dirty pages
 * lie shows that long before all of them have been written. A search over the hot part's size and rate; the cold rate is
 * the one that agrees with the points best.
 */
export function fitParts(points: readonly GrowthPoint[], regionPages: number): Parts {
  const seen = points.filter(({ dirtyPages, seconds }) => dirtyPages > 0 && seconds > 0);
  if (seen.length === 0 || regionPages <= 0) return { hotPages: 0, hotRate: 0, coldPages: 0, coldRate: 0 };
  const alone = withHot(seen, regionPages, 0, 0);
  if (seen.length < 3) return alone.parts;
  const first = Math.min(...seen.map(({ seconds }) => seconds));
  const last = Math.max(...seen.map(({ seconds }) => seconds));
  let rates: [number, number] = [Math.log(slowest / last), Math.log(fastest / first)];
  let sizes: [number, number] = [Math.log(leastHotShare * regionPages), Math.log(regionPages)];
  let best = alone;
  let at: [number, number] = [rates[0], sizes[0]];
  for (let pass = 0; pass <= refinements; pass++) {
    const [rateSpan, sizeSpan] = [rates[1] - rates[0], sizes[1] - sizes[0]];
    const steps = pass === 0 ? [rateSteps, sizeSteps] : [4, 4];
    for (let i = 0; i <= steps[0]!; i++) {
      for (let j = 0; j <= steps[1]!; j++) {
        const rate = rates[0] + (rateSpan * i) / steps[0]!;
        const size = sizes[0] + (sizeSpan * j) / steps[1]!;
        const tried = withHot(seen, regionPages, Math.min(Math.exp(size), regionPages), Math.exp(rate));
        if (tried.cost >= (best === alone ? worthAPart : 1) * best.cost) continue;
        best = tried;
        at = [rate, size];
      }
    }
    if (best === alone) break;
    const [rateStep, sizeStep] = [rateSpan / steps[0]!, sizeSpan / steps[1]!];
    rates = [at[0] - rateStep, at[0] + rateStep];
    sizes = [at[1] - sizeStep, at[1] + sizeStep];
  }
  return best.parts;
}

/** The best cold part beside this hot one, and what the two leave unexplained. */
function withHot(points: readonly GrowthPoint[], regionPages: number, hotPages: number, hotRate: number) {
  const coldPages = Math.max(regionPages - hotPages, 0);
  // Each point tells a rate; late ones tell it best, so they count for what they have found.
  let weighted = 0;
  let weights = 0;
  if (coldPages > 0) {
    for (const { seconds, dirtyPages } of points) {
      const dirty = Math.max(dirtyPages - hotPages * -Math.expm1(-hotRate * seconds), 0);
      const weight = seconds;
      weighted += (weight * -Math.log1p(-Math.min(dirty / coldPages, fullest))) / seconds;
      weights += weight;
    }
  }
  const coldRate = weights > 0 ? weighted / weights : 0;
  let cost = 0;
  for (const { seconds, dirtyPages } of points) {
    const fitted = -hotPages * Math.expm1(-hotRate * seconds) - coldPages * Math.expm1(-coldRate * seconds);
    cost += (fitted - dirtyPages) ** 2 / Math.max(dirtyPages, fewPages);
  }
  return { parts: { hotPages, hotRate, coldPages: coldRate > 0 ? coldPages : 0, coldRate }, cost };
}
