import { unlimitedLink } from '../arbitrate/arbitrator.ts';
import type { PredictedCost } from '../arbitrate/group-outcome.ts';
import { Member } from '../arbitrate/member.ts';
import { decideBalloon } from '../balloon/decide.ts';
import type { Domain } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import { measureProfile } from '../measure/profile.ts';
import { requireObject } from '../model/check.ts';
import { strategyByName } from '../strategy/strategy.ts';
import { checkGroup } from './check-group.ts';
import type { GroupOptions } from './group-options.ts';
import { Predictions, stoppingOf } from './predictions.ts';
import { hostSurroundings } from './surroundings.ts';

/** What {@link migrateGroup} would do if it were called now. */
export interface DryRun {
  /** It would give up rather than pause the guests for that long: the pause predicted is above `maxDowntimeMs`. */
  readonly refused: boolean;
  /** Of the group, each as an interval. */
  readonly predicted: PredictedCost;
  readonly domains: readonly {
    readonly name: string;
    /** What round 0 would send: its memory, less what would be given back before. */
    readonly presentBytes: number;
    readonly predicted: PredictedCost;
  }[];
}

/**
 * Measures domains as {@link migrateGroup} would, and predicts exactly that call. Moves nothing: no connection, no balloon,
 * no record of a decision.
 * @throws {VmbuddiesError} as migrateGroup does, ERR_VMBUDDIES_DIRTY_LOG_BUSY, or the signal's reason
 */
export async function dryRun(domains: readonly Domain[], options: GroupOptions): Promise<DryRun> {
  requireObject('options', options);
  checkGroup(domains, options);
  const { signal, tracker = 'auto', profileMs = 2000, maxDowntimeMs, adapt, journalFolder } = options;
  signal?.throwIfAborted();
  const surroundings = hostSurroundings(journalFolder);
  const { clock } = surroundings;
  // A strategy that does without measuring is predicted from one all the same.
  const strategy = { ...strategyByName(options.strategy ?? 'turns'), measured: true };
  const link = Math.min(options.linkBytesPerSecond, unlimitedLink);
  const predictions = new Predictions(surroundings.predictions, strategy, stoppingOf(strategy, options));
  await predictions.load();
  const how = { durationMs: profileMs, tracker, signal };
  const [profiles, freeShare] = await Promise.all([
    Promise.all(domains.map((domain) => measureProfile(domain, how, clock))),
    surroundings.freeShare(profileMs, signal ?? new AbortController().signal),
  ]);
  const present = await Promise.all(domains.map((domain) => presentAfter(domain, strategy.balloon)));
  const members = domains.map((domain, index) => {
    const seen = {
      name: domain.name,
      kind: domain.kind,
      info: () => ({ ...domain.info(), presentBytes: present[index]! }),
    };
    return new Member(seen as Domain, profiles[index], adapt, clock);
  });
  predictions.predict(members, link, freeShare);
  const predicted = predictions.group;
  if (predicted === null) {
    throw new VmbuddiesError('ERR_VMBUDDIES_STATE', 'what was measured tells nothing about this group');
  }
  return {
    refused: maxDowntimeMs !== undefined && predicted.downtimeMs.likely > maxDowntimeMs,
    predicted,
    domains: members.map((member) => ({
      name: member.name,
      presentBytes: member.presentBytes,
      predicted: predictions.of(member)!,
    })),
  };
}

async function presentAfter(domain: Domain, balloon: boolean): Promise<number> {
  const { presentBytes } = domain.info();
  const usedBytes = balloon ? await domain.usedBytes() : null;
  if (usedBytes === null) return presentBytes;
  return decideBalloon({ presentBytes, usedBytes }).targetBytes ?? presentBytes;
}
