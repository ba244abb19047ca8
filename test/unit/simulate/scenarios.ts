import type { GroupEvent } from '../../../src/arbitrate/group-event.ts';
import type { Workload } from '../../../src/domains/info.ts';
import type { SimulatedDomain, Simulation, SimulationOptions } from '../../../src/simulate/simulation.ts';

export const MiB = 2 ** 20;

export const still: Workload = {
  kind: 'idle',
  seed: 1,
  usedBytes: 0,
  wwsBytes: 0,
  hotBytes: 0,
  hotWritesPerSecond: 0,
  coldWritesPerSecond: 0,
  lowLevel: 0,
  periodMs: 0,
  phase: 0,
};

/** 64 MiB of memory, all of it used, of which `wwsMiB` are written at so many pages a second. */
export function tier(name: string, wwsMiB: number, writesPerSecond: number, more: Partial<SimulatedDomain> = {}) {
  const workload: Workload = {
    ...still,
    kind: 'steady',
    usedBytes: 64 * MiB,
    wwsBytes: wwsMiB * MiB,
    coldWritesPerSecond: writesPerSecond,
  };
  return { name, memoryBytes: 64 * MiB, workload, ...more };
}

/** Three tiers over a link of 40 MiB/s that carries all they dirty. */
export const threeTiers: SimulationOptions = {
  domains: [tier('web', 4, 400), tier('app', 8, 800), tier('db', 16, 1600)],
  linkBytesPerSecond: 40 * MiB,
  latencyMs: 0.1,
};

/** The events of one type, with their times. */
export function eventsOf<Type extends GroupEvent['type']>({ events }: Simulation, type: Type) {
  return events.flatMap(({ atMs, event }) =>
    event.type === type ? [{ atMs, ...(event as Extract<GroupEvent, { type: Type }>) }] : [],
  );
}
