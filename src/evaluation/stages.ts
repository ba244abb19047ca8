import { serviceModel } from './calibration.ts';
import type { Moment } from './moments.ts';
import { type Testbed, tiers, type Users } from './paper.ts';
import { meanService, type ServedSecond, type ServiceSpan, serve } from './service.ts';

/** Parts of a migration as the users tell them apart (§5.3). */
export const stages = ['before', 'web migrates', 'app migrates', 'db migrates', 'all migrate', 'after'] as const;
export type Stage = (typeof stages)[number];

export interface StagedSecond extends ServedSecond {
  /** null: a tier is suspended. */
  readonly stage: Stage | null;
}

/** Second by second what the users see of a migration. */
export function stagedService(
  moments: readonly Moment[],
  users: Users,
  testbed: Testbed,
  span: ServiceSpan,
): StagedSecond[] {
  let next = 0;
  return serve(moments, users, testbed, span, serviceModel).map((second) => {
    while (next < moments.length && moments[next]!.fromSeconds < second.seconds) next++;
    return { ...second, stage: stageOf(moments[next - 1]) };
  });
}

/** Over all runs; null where none has the stage. */
export function meanDuring(runs: readonly (readonly StagedSecond[])[], stage: Stage) {
  const seconds = runs.flat().filter((second) => second.stage === stage);
  return seconds.length > 0 ? meanService(seconds) : null;
}

function stageOf(moment: Moment | undefined): Stage | null {
  if (!moment) return 'before';
  if (moment.suspended) return null;
  if (moment.migrating.size > 1) return 'all migrate';
  const [only] = moment.migrating;
  if (only) return `${only} migrates`;
  return moment.moved.size === tiers.length ? 'after' : 'before';
}
