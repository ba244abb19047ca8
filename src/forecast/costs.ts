import type { DomainKind } from '../domains/domain.ts';
import { argumentError, requireObject, requirePositive, shown } from '../model/check.ts';

/** What a migration takes beside its pages' time on the link. */
export interface TransferCosts {
  /** Until the first page of a domain is sent, in seconds. */
  readonly connectSeconds: number;
  /** Reading the dirty log and beginning anew, in seconds for each round. */
  readonly roundSeconds: number;
  /** A group's pause beyond its final copies, in seconds: suspending, preparing, recording COMMIT, starting. */
  readonly pauseSeconds: number;
  /** What the machine can send with no limit, in bytes per second: at a rate near that it does not keep the rate. */
  readonly mostBytesPerSecond: number;
}

const costs: Readonly<Record<DomainKind, TransferCosts>> = {
  process: { connectSeconds: 0.02, roundSeconds: 0.002, pauseSeconds: 0.006, mostBytesPerSecond: 1e9 },
  xen: { connectSeconds: 1, roundSeconds: 0.01, pauseSeconds: 0.15, mostBytesPerSecond: 5e8 },
  sim: { connectSeconds: 0, roundSeconds: 0, pauseSeconds: 0.002, mostBytesPerSecond: Number.POSITIVE_INFINITY },
};

/** What is usual for domains of a kind; fitted, as docs/decisions.md tells. */
export function usualCosts(kind: DomainKind): TransferCosts {
  const usual = Object.hasOwn(costs, kind) ? costs[kind] : undefined;
  if (usual === undefined) throw argumentError(`there is no kind of domain called ${shown(kind)}`);
  return usual;
}

/** Threads that mostly sleep are let in sooner than their share: what they can do falls by less than that. Fitted. */
const sendingFalls = 0.65;
const waitingGrows = 0.5;

/** The same on a machine of which only this share, above 0, is free for it. */
export function busyCosts(usual: TransferCosts, freeShare: number): TransferCosts {
  requireObject('usual', usual);
  requirePositive('freeShare', freeShare);
  const share = Math.min(freeShare, 1);
  const slower = share ** -waitingGrows;
  return {
    connectSeconds: usual.connectSeconds * slower,
    roundSeconds: usual.roundSeconds * slower,
    pauseSeconds: usual.pauseSeconds * slower,
    mostBytesPerSecond: usual.mostBytesPerSecond * share ** sendingFalls,
  };
}

/** The share of a link's rate that is really sent: 0.99 at 40 Mbit/s, 0.95 at 400, 0.9 at 800 for process domains. */
export function linkEfficiency(linkBytesPerSecond: number, costs: Pick<TransferCosts, 'mostBytesPerSecond'>): number {
  requireObject('costs', costs);
  requirePositive('linkBytesPerSecond', linkBytesPerSecond);
  return 1 / (1 + linkBytesPerSecond / costs.mostBytesPerSecond);
}
