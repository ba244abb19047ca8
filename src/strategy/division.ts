import { allocateOptimal } from '../allocate/optimal.ts';
import type { MigrationState } from '../domains/domain.ts';
import type { DomainLoad, ModelOptions } from '../model/load.ts';
import { finalDivision, isFinal, sum, waitingShares } from './shares.ts';

/** One domain of a group as the division of the link sees it. */
export interface GroupMember {
  readonly state: MigrationState;
  readonly load: DomainLoad & Required<Pick<DomainLoad, 'remainingBytes' | 'sentBytes'>>;
  /** What a final copy would send now, in bytes. */
  readonly finalBytes: number;
  /** Waiting, and sending what it has all the same: the last step before the first barrier. */
  readonly catchingUp: boolean;
  /** All of its memory has been sent once. */
  readonly sentOnce: boolean;
}

/** What a division counts on. */
export interface DivisionTerms {
  /** When a member's pre-copy ends, in the terms of the cost model. */
  readonly model: ModelOptions;
  /** A domain in wait-and-copy gets its dirty rate, but all of them together no more than this share of the link. */
  readonly mostForWaiting: number;
}

/** As in the paper: Xen's own rules end pre-copy, and who waits keeps up with what its guest dirties (§3.2). */
export const paperTerms: DivisionTerms = { model: {}, mostForWaiting: 0.1 };

/**
 * Where the stalest domains catch up at the whole link before the first barrier (settle.ts): what is done for the end
 * before that is done in vain. So the division looks one round ahead, and who waits is left alone. Measured, as
 * docs/decisions.md shows.
 */
export const settlingTerms: DivisionTerms = { model: { roundLimit: 1 }, mostForWaiting: 0.02 };

/**
 * Divides a link: bytes per second for each member, or null for one that sends nothing now (it has not begun, or it has
 * no more to send). The sum never exceeds the link. Pure; asked again whenever a member's state or load has changed.
 */
export type Division = (
  members: readonly GroupMember[],
  linkBytesPerSecond: number,
  terms?: DivisionTerms,
) => (number | null)[];

/**
 * What is left of a domain counts for no less than this share of its memory. Its last batch is on its way when nothing
 * seems left, and at a rate to match that batch would never arrive.
 */
const leastLeft = 1 / 64;

/** The link in equal parts, whatever the members do: what tools without a model can do. */
export const equalDivision: Division = (members, link) => members.map(() => link / members.length);

/**
 * Largest memory load last (§3.2): one domain after another, the slowest to dirty first, each with what those already
 * waiting leave of the link.
 */
export const largestLoadLast: Division = (members, link, { mostForWaiting } = paperTerms) => {
  if (isFinal(members)) return finalDivision(members, link);
  const waiting = waitingShares(members, link, mostForWaiting);
  const order = members
    .map((member, index) => ({ member, index }))
    .filter(({ member }) => member.state === 'idle' || member.state === 'precopy')
    .sort((a, b) => a.member.load.dirtyBytesPerSecond - b.member.load.dirtyBytesPerSecond);
  const current = order.find(({ member }) => member.state === 'precopy') ?? order[0];
  return members.map((_, index) => (index === current?.index ? link - sum(waiting) : (waiting[index] ?? null)));
};

/** Optimal bandwidth allocation (§3.3): all at once, divided so that all complete together at the least cost. */
export const optimalDivision: Division = (members, link, { model, mostForWaiting } = paperTerms) => {
  if (isFinal(members)) return finalDivision(members, link);
  const rates: (number | null)[] = waitingShares(members, link, mostForWaiting);
  const copying = members.flatMap((member, index) =>
    member.state === 'idle' || member.state === 'precopy' ? [{ index, load: member.load }] : [],
  );
  if (copying.length === 0) return rates;
  const loads = copying.map(({ load }) => ({
    ...load,
    remainingBytes: Math.max(load.remainingBytes, load.memoryBytes * leastLeft),
  }));
  const { bytesPerSecond } = allocateOptimal(loads, link - sum(rates), model);
  for (const [at, { index }] of copying.entries()) rates[index] = bytesPerSecond[at]!;
  return rates;
};
