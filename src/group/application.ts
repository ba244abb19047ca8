import { argumentError, requireAtLeast, requireInteger, requireObjects, requirePositive } from '../model/check.ts';
import type { Edge } from './graph.ts';

/** One domain of an application that moves in groups. */
export interface ApplicationDomain {
  readonly name: string;
  /** What its migration is predicted to send, in bytes; above 0. Counted in whole bytes, rounded up. */
  readonly migrationBytes: number;
}

/** What one domain sends another as the application runs. Several of the same two add up. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** Measured, 0 or more. Where only the topology is known: 1 for each flow, then all results count flows. */
  readonly bytesPerSecond: number;
}

/** An application of any topology: tree, directed acyclic graph, or with cycles. */
export interface Application {
  /** 1 to 2000 domains with different names. */
  readonly domains: readonly ApplicationDomain[];
  readonly flows: readonly Flow[];
}

/** The application with numbers for names. */
export interface NumberedApplication {
  readonly names: readonly string[];
  readonly migrationBytes: readonly number[];
  /** From one domain to another, by their places in `names`. */
  readonly flows: readonly Edge[];
}

const mostDomains = 2000;

/** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT, naming what is out of its range. */
export function numberApplication({ domains, flows }: Application): NumberedApplication {
  requireObjects('domains', domains);
  requireObjects('flows', flows);
  requireInteger('the number of domains', domains.length, 1, mostDomains);
  const numbers = new Map<string, number>();
  for (const { name, migrationBytes } of domains) {
    if (numbers.has(name)) throw argumentError(`there are two domains named ${name}`);
    requirePositive(`migrationBytes of ${name}`, migrationBytes);
    numbers.set(name, numbers.size);
  }
  const numberOf = (name: string): number => {
    const number = numbers.get(name);
    if (number === undefined) throw argumentError(`a flow names ${name}, which is not among the domains`);
    return number;
  };
  const migrationBytes = domains.map((domain) => Math.ceil(domain.migrationBytes));
  requireAtMostExact(migrationBytes);
  return {
    names: domains.map(({ name }) => name),
    migrationBytes,
    flows: flows.map(({ from, to, bytesPerSecond }): Edge => {
      requireAtLeast(`bytesPerSecond from ${from} to ${to}`, bytesPerSecond, 0);
      return [numberOf(from), numberOf(to), bytesPerSecond];
    }),
  };
}

/** Beyond 2^53 sums of whole numbers would be rounded, and a group could exceed its cap unseen. */
function requireAtMostExact(migrationBytes: readonly number[]): void {
  const total = migrationBytes.reduce((sum, bytes) => sum + bytes, 0);
  if (total > Number.MAX_SAFE_INTEGER) throw argumentError(`the domains have ${total} bytes to send, more than 2^53`);
}
