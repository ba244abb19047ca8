import type { Moment } from './moments.ts';
import type { Testbed, Tier, Users } from './paper.ts';

/** What an application of three tiers needs to serve a request. */
export interface ServiceModel {
  /** A user's time between an answer and the next request. */
  readonly thinkSeconds: number;
  /** What the slowest tier, DB, can do at the source. */
  readonly mostRequestsPerSecond: number;
  /** How much more it can do at the destination (§5.3: four times). */
  readonly capacityFactor: number;
  /** A request that never waits. */
  readonly leastResponseSeconds: number;
  /** Capacity lost while a dirty log is on, as a share. */
  readonly loggingShare: number;
  /** What a migration keeps queued in front of the link: everybody's packets wait behind it. */
  readonly queuedBytes: number;
  /** Between neighbours, for each request. */
  readonly crossings: readonly Crossing[];
}

export interface Crossing {
  readonly between: readonly [Tier, Tier];
  readonly roundTrips: number;
  /** Both ways. */
  readonly bytes: number;
}

/** One second of service. */
export interface ServedSecond {
  /** At its end. */
  readonly seconds: number;
  readonly requests: number;
  /** Mean number of users who wait for an answer. */
  readonly waiting: number;
}

export interface ServiceMean {
  readonly responseSeconds: number;
  readonly requestsPerSecond: number;
}

export interface ServiceSpan {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

const stepsPerSecond = 20;

/**
 * A closed queue as a fluid: of N users those who do not wait think, and send a request every `thinkSeconds`; the
 * waiting are served as fast as the slowest tier can, and none faster than the network lets it. Users arrive and leave
 * with the workload's pattern, whose period begins at 0.
 */
export function serve(
  moments: readonly Moment[],
  users: Users,
  { linkBytesPerSecond, latencyMs }: Testbed,
  { fromSeconds, toSeconds }: ServiceSpan,
  model: ServiceModel,
): ServedSecond[] {
  const roundTripSeconds = (2 * latencyMs) / 1000;
  const served: ServedSecond[] = [];
  let waiting = 0;
  let next = 0;
  let rates = ratesAt(undefined);
  for (let second = Math.ceil(fromSeconds); second < toSeconds; second++) {
    let requests = 0;
    let waited = 0;
    for (let step = 0; step < stepsPerSecond; step++) {
      const now = second + step / stepsPerSecond;
      while (next < moments.length && moments[next]!.fromSeconds <= now) rates = ratesAt(moments[next++]);
      const sent = Math.max(usersAt(users, now) - waiting, 0) / model.thinkSeconds / stepsPerSecond;
      const answered = Math.min(rates.mostPerSecond, waiting / rates.leastSeconds) / stepsPerSecond;
      waiting += sent - answered;
      requests += answered;
      waited += waiting / stepsPerSecond;
    }
    served.push({ seconds: second + 1, requests, waiting: waited });
  }
  return served;

  function ratesAt(moment: Moment | undefined): { mostPerSecond: number; leastSeconds: number } {
    const { moved, migrating, suspended } = moment ?? { moved: new Set(), migrating: new Set(), suspended: false };
    const loaded = migrating.size > 0;
    const apart = model.crossings.filter(({ between: [one, other] }) => moved.has(one) !== moved.has(other));
    const trip = roundTripSeconds + (loaded ? model.queuedBytes / linkBytesPerSecond : 0);
    const trips = apart.reduce((sum, { roundTrips }) => sum + roundTrips, 0);
    const bytes = apart.reduce((sum, crossing) => sum + crossing.bytes, 0);
    // A migration and the application share the link fairly.
    const overLink = linkBytesPerSecond / (loaded ? 2 : 1) / bytes;
    const capacity = model.mostRequestsPerSecond * (moved.has('db') ? model.capacityFactor : 1);
    const mostPerSecond = Math.min(capacity * (loaded ? 1 - model.loggingShare : 1), overLink);
    return {
      mostPerSecond: suspended ? 0 : mostPerSecond,
      leastSeconds: model.leastResponseSeconds + trips * trip,
    };
  }
}

/** Mean over the seconds given, requests weighing alike: by Little's law, users waiting ÷ requests per second. */
export function meanService(served: readonly ServedSecond[]): ServiceMean {
  const requests = served.reduce((sum, one) => sum + one.requests, 0);
  const waited = served.reduce((sum, { waiting }) => sum + waiting, 0);
  return { responseSeconds: waited / requests, requestsPerSecond: requests / served.length };
}

export function usersAt({ pattern, most, least, periodSeconds }: Users, seconds: number): number {
  const position = seconds / periodSeconds - Math.floor(seconds / periodSeconds);
  if (pattern === 'steady') return most;
  if (pattern === 'on-off') return position < 0.5 ? most : least;
  return least + (most - least) * (1 - Math.abs(2 * position - 1));
}
