import { examineGroup, type RegistryOptions, type UnfinishedGroup, unfinishedGroups } from '../index.ts';
import { type Check, failed, noted } from '../transfer/check.ts';
import { findingText, recoverCommand } from './recovery-text.ts';

/** Groups that a killed process has left halfway: where each domain is now. `recover` is what mends it. */
export async function examineGroups(where: RegistryOptions): Promise<Check[]> {
  try {
    const { groups, spent, unreadable } = await unfinishedGroups();
    return [
      ...(await Promise.all(groups.map((group) => judge(group, where)))),
      ...spent.map((journal) => noted('record', `${journal} is of a migration that has ended`, 'vmbuddies recover')),
      ...unreadable.map(({ reason }) => failed('record', reason, 'vmbuddies recover')),
    ];
  } catch (error) {
    return [failed('groups', (error as Error).message, null)];
  }
}

async function judge(group: UnfinishedGroup, where: RegistryOptions): Promise<Check> {
  const subject = `group ${group.domains.join(', ')}`;
  const fix = recoverCommand(group.destination?.kind ?? 'process', group.home, group.domains, where.registry);
  try {
    const findings = await examineGroup(group, where);
    const left = `a migration was left ${group.decision === 'ABORT' ? 'before' : 'after'} COMMIT. `;
    const text = left + findings.map((finding) => findingText(finding, group)).join(' ');
    const harmless = findings.every(({ remedy }) => remedy.settled && remedy.where !== 'destination');
    return harmless ? noted(subject, text, fix) : failed(subject, text, fix);
  } catch (error) {
    return failed(subject, (error as Error).message, fix);
  }
}
