/**
 * The demo's three-tier application: the paper's D&H workload (dynamic and heavy, §5.1), made small and fast.
 *
 * Memory is scaled by `scale`. Dirty rates are scaled by the link's ratio to the paper's 400 Mbit/s, so that every
 * convergence coefficient d/r is what it would be there. Both together compress time: what takes the paper's testbed t
 * takes t ÷ timeFactor here, and the workload's period is divided by the same.
 *
 * The paper gives: memory, working sets, the on-off pattern and the link. It shows dirty rates in a figure only, so
 * used memory, hot parts and write rates are our choice, made so that what the paper says of plain Xen happens under
 * `ns`: App is stopped by 30 rounds, DB by three times its memory (§5.5), and the link carries all tiers' cold rates.
 */
import { VmbuddiesError, type Workload } from '../index.ts';

const pageBytes = 4096;
const MiB = 2 ** 20;

/** From the paper. */
export const paper = {
  memoryBytes: 1024 * MiB,
  linkBytesPerSecond: 50e6,
  /** 1000 users for 30 s, then 500 for 30 s. */
  periodMs: 60_000,
  lowLevel: 500 / 1000,
  /** Table 2, D&H, in MB; read as MiB, as memory is counted. */
  workingSetBytes: { web: 166 * MiB, app: 212 * MiB, db: 818 * MiB },
} as const;

/**
 * Chosen, at the paper's scale and link; rates are those of the high level. What a round must send settles where the
 * guest dirties as much while it is sent. Web's falls below Xen's 50 pages. App's stays above, even at the low level,
 * for its hot part is written faster than the link can send: 30 rounds. DB's is so large that 30 rounds would be more
 * than three times its memory.
 */
export const chosen = {
  web: { usedShare: 0.6, hotBytes: 6e6, hotWritesPerSecond: 4_000, coldBytesPerSecond: 5e6 },
  app: { usedShare: 0.65, hotBytes: 12e6, hotWritesPerSecond: 26_000, coldBytesPerSecond: 8e6 },
  db: { usedShare: 0.9, hotBytes: 150e6, hotWritesPerSecond: 34_000, coldBytesPerSecond: 16e6 },
} as const;

export type Tier = keyof typeof chosen;
export const tiers = ['web', 'app', 'db'] as const satisfies readonly Tier[];

export interface ScenarioOptions {
  /** Memory as a share of the paper's, 1/64 to 1. */
  readonly scale: number;
  /** Above 0, finite. */
  readonly linkBytesPerSecond: number;
  /** The tiers get this and the following numbers. */
  readonly seed: number;
}

export interface Scenario extends ScenarioOptions {
  /** How many times faster than on the paper's testbed things happen. */
  readonly timeFactor: number;
  readonly domains: readonly { readonly name: Tier; readonly memoryBytes: number; readonly workload: Workload }[];
}

/** @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT` for a scale or link out of range */
export function createScenario(options: ScenarioOptions): Scenario {
  const { scale, linkBytesPerSecond, seed } = options;
  if (!(scale >= 1 / 64 && scale <= 1)) throw bad(`the scale must be from 1/64 to 1, not ${scale}`);
  if (!(linkBytesPerSecond > 0 && Number.isFinite(linkBytesPerSecond))) {
    throw bad('the demo needs a limited link: its dirty rates are made to fit it');
  }
  const rateFactor = linkBytesPerSecond / paper.linkBytesPerSecond;
  const timeFactor = rateFactor / scale;
  const domains = tiers.map((name, index) => {
    const tier = chosen[name];
    const memoryBytes = wholePages(paper.memoryBytes * scale);
    const workload: Workload = {
      kind: 'on-off',
      seed: seed + index,
      usedBytes: wholePages(memoryBytes * tier.usedShare),
      wwsBytes: wholePages(paper.workingSetBytes[name] * scale),
      hotBytes: wholePages(tier.hotBytes * scale),
      // A page of the hot part is written again after hot ÷ rate: less memory in less time, so the scale cancels out.
      hotWritesPerSecond: tier.hotWritesPerSecond * rateFactor,
      coldWritesPerSecond: (tier.coldBytesPerSecond / pageBytes) * rateFactor,
      lowLevel: paper.lowLevel,
      periodMs: paper.periodMs / timeFactor,
      // The tiers' loads rise and fall together (Fig. 10).
      phase: 0,
    };
    return { name, memoryBytes, workload };
  });
  return { ...options, timeFactor, domains };
}

/** `1/8` or `0.125` → 0.125. @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT` */
export function parseScale(text: string): number {
  const [, numerator, denominator = '1'] = /^(\d+(?:\.\d+)?|\.\d+)(?:\/(\d+))?$/.exec(text.trim()) ?? [];
  const scale = Number(numerator) / Number(denominator);
  if (!(scale >= 1 / 64 && scale <= 1)) throw bad(`'${text}' is not a scale from 1/64 to 1, such as 1/8 or 0.125`);
  return scale;
}

function wholePages(bytes: number): number {
  return Math.round(bytes / pageBytes) * pageBytes;
}

function bad(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
