/**
 * One domain of the world the explorer walks through: its copy at the source, its copy at the destination, the daemon
 * that carries out the arbitrator's orders for it, and the messages between the two.
 *
 * The network is the set of all messages ever sent. Nothing leaves it: a message may be delivered any number of times,
 * at any later moment, or never. That is every loss, repetition, delay and reordering at once, re-sending on a timer
 * included, without a bound.
 *
 * The connection to the destination is the one of a Xen migration: whoever prepared a copy drops it when the connection
 * ends before the word to start has come; after that word nobody but the destination knows.
 */
export type Agent =
  | 'precopy'
  | 'waiting'
  | 'stopping'
  /** Until it has pledged, it may abort by itself: its guest has stood still for too long. */
  | 'prepared'
  | 'pledged'
  /** It has told the destination to start. */
  | 'committing'
  /** It has, too, but lost the connection or its memory since. */
  | 'doubt'
  | 'started'
  | 'destroyed'
  | 'aborted'
  | 'failed';

/** `dropped` by order, `lost` by a fault of its own or of the connection. Neither comes back. */
export type Destination = 'receiving' | 'prepared' | 'running' | 'dropped' | 'lost';

export type Order = 'stopAndCopy' | 'pledge' | 'commit' | 'abort' | 'destroySource';

export type Report =
  | 'waiting'
  | 'prepared'
  | 'pledged'
  | 'started'
  | 'aborted'
  | 'failed at source'
  | 'failed unknown'
  | 'sourceDestroyed'
  | 'destroyFailed';

export interface DomainWorld {
  readonly agent: Agent;
  readonly destination: Destination;
  /** Sorted sets: what the network holds for this domain. */
  readonly orders: readonly Order[];
  readonly reports: readonly Report[];
}

export type Fault = 'agentFaults' | 'destinationFaults';

export interface DomainMove {
  readonly label: string;
  readonly to: DomainWorld;
  /** The budget this move takes from; null for what happens by itself in a world without faults. */
  readonly fault: Fault | null;
}

export const freshDomain: DomainWorld = { agent: 'precopy', destination: 'receiving', orders: [], reports: [] };

export function sourceOf({ agent }: DomainWorld): 'running' | 'suspended' | 'destroyed' {
  if (agent === 'destroyed') return 'destroyed';
  return ['precopy', 'waiting', 'aborted', 'failed'].includes(agent) ? 'running' : 'suspended';
}

/** A copy that was ever prepared has been reported so, and reports stay in the network. */
export const wasPrepared = ({ reports }: DomainWorld): boolean => reports.includes('prepared');

export const withOrders = (domain: DomainWorld, orders: readonly Order[]): DomainWorld => ({
  ...domain,
  orders: union(domain.orders, orders),
});

/** Everything that can happen to a domain without the arbitrator. */
export function domainMoves(domain: DomainWorld): DomainMove[] {
  return [...progress(domain), ...faults(domain), ...domain.orders.flatMap((order) => obey(domain, order))];
}

function progress(domain: DomainWorld): DomainMove[] {
  const { agent, destination } = domain;
  const beforeCommit = ['precopy', 'waiting', 'stopping', 'prepared', 'pledged'].includes(agent);
  if (beforeCommit && destination === 'lost') return [move('finds its destination lost', domain, 'failed')];
  if (agent === 'precopy') return [move('reaches its pseudo-synchropoint', domain, 'waiting')];
  if (agent === 'stopping') {
    return [move('is restored', { ...domain, destination: 'prepared' }, 'prepared'), givesUp(domain)];
  }
  if (agent === 'prepared') return [givesUp(domain)];
  if (agent !== 'committing' && agent !== 'doubt') return [];

  if (destination === 'prepared') {
    const starts = {
      label: 'starts at its destination',
      to: { ...domain, destination: 'running' },
      fault: null,
    } as const;
    const never = {
      label: 'never got the word to start',
      to: { ...domain, destination: 'lost' },
      fault: null,
    } as const;
    return agent === 'doubt' ? [starts, never] : [starts];
  }
  if (destination === 'running') return [move('hears that its destination runs', domain, 'started')];
  const certain = move('hears that its destination dropped it', domain, 'failed');
  return agent === 'doubt' ? [certain] : [certain, move('hears nothing from its destination', domain, 'doubt')];
}

/** Its guest has stood still for too long. Nobody has to tell it so. */
function givesUp(domain: DomainWorld): DomainMove {
  const destination = domain.destination === 'lost' ? 'lost' : 'dropped';
  return move('gives up, for its pause is too long', { ...domain, destination }, 'aborted');
}

function faults(domain: DomainWorld): DomainMove[] {
  const { agent, destination } = domain;
  const list: DomainMove[] = [];
  const waits = destination === 'receiving' || destination === 'prepared';
  if (waits && agent !== 'doubt') {
    list.push({ label: 'loses its destination', to: { ...domain, destination: 'lost' }, fault: 'destinationFaults' });
  }
  if (waits && agent !== 'committing' && agent !== 'doubt') {
    const to = { ...domain, destination: 'lost' } as const;
    list.push({ ...move('has its daemon die, restart and resume it', to, 'failed'), fault: 'agentFaults' });
  }
  if (agent === 'committing' || agent === 'started') {
    list.push({ ...move('has its daemon die and restart in doubt', domain, 'doubt'), fault: 'agentFaults' });
  }
  if (agent === 'started' && domain.orders.includes('destroySource')) {
    list.push({ label: 'keeps its source against orders', to: report(domain, 'destroyFailed'), fault: 'agentFaults' });
  }
  return list;
}

/** Orders are obeyed to the letter, so that it is the protocol that has to be right and not its executors. */
function obey(domain: DomainWorld, order: Order): DomainMove[] {
  const { agent, destination } = domain;
  const label = `is told ${order}`;
  const home = agent === 'aborted' || agent === 'failed';
  if (order === 'stopAndCopy') return agent === 'waiting' ? [move(label, domain, 'stopping')] : [];
  if (order === 'pledge') return agent === 'prepared' ? [move(label, domain, 'pledged')] : [];
  if (order === 'destroySource') return agent === 'destroyed' ? [] : [move(label, domain, 'destroyed')];
  if (order === 'commit') {
    if (home) return [{ label, to: report(domain, 'failed at source'), fault: null }];
    return agent === 'pledged' ? [move(label, domain, 'committing')] : [];
  }
  if (home) return [{ label, to: report(domain, 'aborted'), fault: null }];
  if (['committing', 'doubt', 'started', 'destroyed'].includes(agent)) return [];
  return [move(label, { ...domain, destination: destination === 'lost' ? 'lost' : 'dropped' }, 'aborted')];
}

const announced: Readonly<Record<Agent, Report | null>> = {
  precopy: null,
  waiting: 'waiting',
  stopping: null,
  prepared: 'prepared',
  pledged: 'pledged',
  committing: null,
  doubt: 'failed unknown',
  started: 'started',
  destroyed: 'sourceDestroyed',
  aborted: 'aborted',
  failed: 'failed at source',
};

function move(label: string, domain: DomainWorld, agent: Agent): DomainMove {
  const news = announced[agent];
  const to = { ...domain, agent };
  return { label, to: news === null ? to : report(to, news), fault: null };
}

const report = (domain: DomainWorld, news: Report): DomainWorld => ({
  ...domain,
  reports: union(domain.reports, [news]),
});

function union<T extends string>(set: readonly T[], more: readonly T[]): readonly T[] {
  return [...new Set([...set, ...more])].sort();
}
