import type { StopRuleName } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import {
  type Division,
  type DivisionTerms,
  equalDivision,
  largestLoadLast,
  optimalDivision,
  paperTerms,
  settlingTerms,
} from './division.ts';
import { inTurns } from './turns.ts';

export type StrategyName = 'ns' | 'mo' | 'lll' | 'lll+mo' | 'oba' | 'oba+mo' | 'equal' | 'turns';

/** How long a group that waits goes on catching up. */
export interface SettlingTerms {
  /** A round that shortens the group's pause by less than this share of its own length is not worth it. */
  readonly leastGain: number;
  /** Nor is one that shortens it by less than this share of it. */
  readonly leastShareOfPause: number;
  /** It ends after this many rounds for each domain, all told, that have not shortened the pause by the least gain. */
  readonly maxVainRounds: number;
}

/** How a group of domains is moved. The names are the paper's (§5.1). */
export interface Strategy {
  readonly name: StrategyName;
  readonly description: string;
  /** All switch over together; otherwise one after another, each by itself. */
  readonly synchronised: boolean;
  readonly stopRule: StopRuleName;
  /** Free memory is given back first (§4.2). */
  readonly balloon: boolean;
  /** Before the first barrier, the whole link goes to whoever's pause it shortens most, on these terms; null: not at all. */
  readonly settling: SettlingTerms | null;
  /** Divides the link on these terms; it needs the domains' loads measured if `measured` is set. */
  readonly division: Division;
  readonly terms: DivisionTerms;
  readonly measured: boolean;
}

const legacy = { stopRule: 'xen-legacy', balloon: false, settling: null, terms: paperTerms } as const;
/** The paper's migration optimisations, "MO": early termination and ballooning (§4.2). */
const settling: SettlingTerms = { leastGain: 0.08, leastShareOfPause: 0.06, maxVainRounds: 8 };
const optimised = { stopRule: 'converged', balloon: true, settling, terms: settlingTerms } as const;
/** Measured: what turns save in time leaves room for catching up to the end. */
const thorough: SettlingTerms = { leastGain: 0.03, leastShareOfPause: 0.01, maxVainRounds: 8 };
const sequential = { synchronised: false, division: equalDivision, measured: false } as const;
const lll = { synchronised: true, division: largestLoadLast, measured: true } as const;
const oba = { synchronised: true, division: optimalDivision, measured: true } as const;

/** Every strategy, the paper's own comparison first and the default last. */
export const strategies: readonly Strategy[] = [
  { name: 'ns', description: 'one after another as Xen does it, each at the whole link', ...sequential, ...legacy },
  { name: 'mo', description: 'one after another with early termination and ballooning', ...sequential, ...optimised },
  { name: 'lll', description: 'together; pre-copied one by one, the largest memory load last', ...lll, ...legacy },
  { name: 'lll+mo', description: 'lll with early termination and ballooning', ...lll, ...optimised },
  {
    name: 'oba',
    description: 'together; the link divided so that all complete at once',
    ...oba,
    ...legacy,
  },
  {
    name: 'equal',
    description: 'together; the link divided evenly, early termination and ballooning',
    synchronised: true,
    division: equalDivision,
    measured: false,
    ...optimised,
    settling: null,
  },
  {
    name: 'oba+mo',
    description: "oba with early termination and ballooning: the paper's VMbuddies",
    ...oba,
    ...optimised,
  },
  {
    name: 'turns',
    description: 'together; the whole link to one domain at a time, early termination and ballooning',
    synchronised: true,
    division: inTurns,
    measured: true,
    ...optimised,
    settling: thorough,
  },
];

/** @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, with the names there are */
export function strategyByName(name: string): Strategy {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found) return found;
  const names = strategies.map((strategy) => strategy.name).join(', ');
  throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `there is no strategy called "${name}"; there are ${names}`);
}
