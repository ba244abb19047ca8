import type { GroupEvent } from '../../src/arbitrate/protocol-messages.ts';
import type { Phase } from '../../src/arbitrate/protocol-state.ts';
import { pauseBudgetMs, type Reaction } from './arbitrator-model.ts';
import { type DomainMove, type DomainWorld, sourceOf, wasPrepared } from './domain-model.ts';
import type { Centre, Member } from './world.ts';

/** What has to hold whatever happens, by name. I5 is no property of one state: the explorer checks it at the end. */
export const invariants = {
  I1: 'never do both copies of a domain run',
  I2: 'none runs at its destination unless all were prepared',
  I3: 'before COMMIT every source can resume',
  I4: 'after COMMIT none resumes by itself',
  I5: 'from every state recovery brings every domain to a known place, without a person',
  I6: 'nothing is suspended for a pause predicted over its budget, and none goes on past it undecided',
  kept: 'a source is destroyed only once its destination runs',
  honest: 'a finished group is where it says it is: together, but for what a destination lost after COMMIT',
} as const;
export type Broken = keyof typeof invariants;

/** COMMIT is on stable storage, and no ABORT after it. */
export function commitStands({ journal }: Centre): boolean {
  return journal.replace('E', '').endsWith('C');
}

const runsThere = ({ destination }: DomainWorld): boolean => destination === 'running';

/** The first invariant that does not hold in a state, or null. */
export function checkState(centre: Centre, members: readonly Member[]): Broken | null {
  const worlds = members.map(({ world }) => world);
  const moved = worlds.some(runsThere);
  if (moved && worlds.some((world) => runsThere(world) && sourceOf(world) === 'running')) return 'I1';
  if (moved && !worlds.every(wasPrepared)) return 'I2';
  if (worlds.some((world) => sourceOf(world) === 'destroyed' && !runsThere(world))) return 'kept';
  if (!commitStands(centre) && !worlds.every(canResume)) return 'I3';
  return centre.phase === 'finished' && !isHonest(members) ? 'honest' : null;
}

/** Nobody has told the destination to start, or the destination is certain not to. */
function canResume(world: DomainWorld): boolean {
  if (sourceOf(world) === 'destroyed' || runsThere(world)) return false;
  return world.agent !== 'committing' && world.agent !== 'doubt' && world.agent !== 'started';
}

/** COMMIT stands: a source may run again only because its own destination was lost, never because it was told to. */
export function checkMove(centre: Centre, from: DomainWorld, { to }: DomainMove): Broken | null {
  const resumes = sourceOf(from) === 'suspended' && sourceOf(to) === 'running';
  return resumes && to.destination !== 'lost' && commitStands(centre) ? 'I4' : null;
}

/** In these the guests stand still, or are about to, and COMMIT is not being decided. */
const undecided: readonly Phase[] = ['recording-stop', 'stopping', 'pledging'];

export function checkPause({ phase }: Centre, event: GroupEvent, reaction: Reaction | null): Broken | null {
  const predicted = event.type === 'pausePredicted' && event.pauseMs > pauseBudgetMs;
  const spent = event.type === 'deadline' && event.barrier === 'prepared' && undecided.includes(phase);
  return (predicted || spent) && reaction?.records !== 'A' ? 'I6' : null;
}

function isHonest(members: readonly Member[]): boolean {
  const truthful = members.every(({ progress, world }) => {
    if (progress === 'source') return sourceOf(world) === 'running' && !runsThere(world);
    if (progress === 'moved') return sourceOf(world) === 'destroyed' && runsThere(world);
    return progress === 'left' ? runsThere(world) : progress === 'unknown';
  });
  const split = members.some(({ world }) => runsThere(world));
  return (
    truthful && members.every(({ progress, world }) => !split || progress !== 'source' || world.destination === 'lost')
  );
}
