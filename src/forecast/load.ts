import { DirtyProfile } from '../measure/profile.ts';
import { argumentError, requireInteger } from '../model/check.ts';
import { fitParts } from './parts.ts';

/** Pages that lie together in memory, and how many of them the guest writes. */
export interface LoadSlice {
  readonly pages: number;
  readonly hotPages: number;
  readonly coldPages: number;
}

/**
 * How a guest dirties its memory, as a forecast takes it: a hot part and a cold one, each written at random, and where they
 * lie. Rounds go through memory in order, so that decides how much of them is skipped.
 */
export interface ForecastLoad {
  /** In the order of memory. */
  readonly slices: readonly LoadSlice[];
  /** How often a second each page of the part is written. */
  readonly hotWritesPerSecond: number;
  readonly coldWritesPerSecond: number;
}

/** No part is taken to have been fuller than this when it was last looked at: how often it is written would be unknown. */
const fullest = 0.98;
/** With fewer dirty pages to a slice than this, slices between two that have some may have none by chance. */
const sparse = 3;
/** A layout that was never seen. */
const evenSlices = 16;

/** The load that a profile shows, of a domain with so many present pages. */
export function forecastLoad(profile: DirtyProfile, presentPages: number): ForecastLoad {
  if (!(profile instanceof DirtyProfile)) throw argumentError('profile must be a DirtyProfile');
  requireInteger('presentPages', presentPages, 1, Number.MAX_SAFE_INTEGER);
  const { layout, allPoints: points, measuredDirtyPages } = profile;
  const pages = slicePages(layout?.dirtyPages ?? null, layout?.pagesPerSlice ?? 0, presentPages);
  const dirty = layout?.dirtyPages ?? pages.map((size) => (size / Math.max(presentPages, 1)) * measuredDirtyPages);
  const region = pages.map((size, at) => (isWritten(dirty, at) ? size : 0));
  const mostDirtyPages = Math.max(0, ...points.map(({ dirtyPages }) => dirtyPages));
  const regionPages = Math.min(Math.max(sum(region), mostDirtyPages / fullest), presentPages);
  const parts = fitParts(points, regionPages);

  // What lies evenly all over the region is cold, what stands out of that is hot.
  const coldShares = spread(parts.coldPages, pages, region);
  const coldDirty = sum(dirty) - Math.min(parts.hotPages, sum(dirty));
  const level = waterLevel(dirty, region, coldDirty);
  const outstanding = dirty.map((count, at) => Math.max(count - level * region[at]!, 0));
  const hotShares = spread(parts.hotPages, pages, sum(outstanding) > 0 ? outstanding : region);
  return {
    slices: pages.map((size, at) => {
      const hot = Math.min(hotShares[at]!, size);
      return { pages: size, hotPages: hot, coldPages: Math.min(coldShares[at]!, size - hot) };
    }),
    hotWritesPerSecond: parts.hotRate,
    coldWritesPerSecond: parts.coldRate,
  };
}

/** Pages of the part dirty so many seconds after a clean, all slices together. */
export function dirtyPagesAfter(
  { slices, hotWritesPerSecond, coldWritesPerSecond }: ForecastLoad,
  seconds: number,
): number {
  const hot = slices.reduce((pages, { hotPages }) => pages + hotPages, 0);
  const cold = slices.reduce((pages, { coldPages }) => pages + coldPages, 0);
  return -hot * Math.expm1(-hotWritesPerSecond * seconds) - cold * Math.expm1(-coldWritesPerSecond * seconds);
}

/** How the present pages lie in slices: from the start, as where free memory was given back from the end, or evenly. */
function slicePages(dirty: readonly number[] | null, pagesPerSlice: number, presentPages: number): number[] {
  if (dirty === null) return new Array(evenSlices).fill(presentPages / evenSlices);
  const last = dirty.findLastIndex((count) => count > 0);
  const fits = last * pagesPerSlice < presentPages;
  return dirty.map((_, at) =>
    fits ? Math.min(Math.max(presentPages - at * pagesPerSlice, 0), pagesPerSlice) : presentPages / dirty.length,
  );
}

function isWritten(dirty: readonly number[], at: number): boolean {
  if (dirty[at]! > 0) return true;
  const before = dirty.slice(0, at).findLast((count) => count > 0);
  const after = dirty.slice(at + 1).find((count) => count > 0);
  return before !== undefined && after !== undefined && before < sparse && after < sparse;
}

/** The share of each written slice that may be dirty at most, if all that is below it is to be so many pages. */
function waterLevel(dirty: readonly number[], region: readonly number[], pages: number): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 30; halving++) {
    const level = (low + high) / 2;
    const below = dirty.reduce((total, count, at) => total + Math.min(count, level * region[at]!), 0);
    if (below < pages) low = level;
    else high = level;
  }
  return high;
}

/** So many pages, spread over slices of limited sizes in proportion to weights. */
function spread(pages: number, sizes: readonly number[], weights: readonly number[]): number[] {
  const shares = sizes.map(() => 0);
  let left = pages;
  for (let pass = 0; pass < 4 && left > 1e-6; pass++) {
    // In the first passes where the weights are, then wherever there is room.
    const open = sizes.map((size, at) => (pass < 2 ? weights[at]! : 1) * (size - shares[at]! > 1e-9 ? 1 : 0));
    const total = sum(open);
    if (total === 0) continue;
    let placed = 0;
    for (const [at, weight] of open.entries()) {
      const more = Math.min((left * weight) / total, sizes[at]! - shares[at]!);
      shares[at] = shares[at]! + more;
      placed += more;
    }
    left -= placed;
  }
  return shares;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
