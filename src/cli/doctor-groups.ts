import {
  type DomainInfo,
  listDomains,
  type RegistryOptions,
  type UnfinishedGroup,
  unfinishedGroups,
  type XenDomainInfo,
} from '../index.ts';
import { type Check, failed, noted } from '../transfer/check.ts';
import { sshFlag } from '../transfer/transport.ts';
import { quoteWord } from '../transfer/words.ts';
import { recoverySteps } from './xen-recovery.ts';

/** Groups that a killed process has left halfway: where each domain belongs, and what to type. */
export async function examineGroups(where: RegistryOptions): Promise<Check[]> {
  try {
    const groups = await unfinishedGroups();
    if (groups.length === 0) return [];
    const here = listDomains(where);
    return groups.map((group) => judgeGroup(group, here));
  } catch (error) {
    return [failed('groups', (error as Error).message, null)];
  }
}

/** `here` is every domain of this host. */
export function judgeGroup(group: UnfinishedGroup, here: readonly DomainInfo[]): Check {
  const { journal, domains, destination, decision } = group;
  const subject = `group ${domains.join(', ')}`;
  const names = domains.flatMap((name) => [name, `${name}--migratedaway`]);
  const left = here.filter(({ name }) => names.includes(name));
  const fix = [
    ...(destination?.kind === 'xen' ? xenSteps(group, left) : processSteps(group)),
    `then delete ${journal}`,
  ].join('\n');
  return decision === 'ABORT'
    ? noted(subject, 'left halfway before COMMIT: every domain belongs here, at its source', fix)
    : failed(subject, `left halfway after COMMIT: any of them may run at ${destination?.to ?? 'the destination'}`, fix);
}

function xenSteps({ domains, destination, decision }: UnfinishedGroup, left: readonly DomainInfo[]): string[] {
  const { to: host, ssh } = destination!;
  const remote = ssh === null ? { host } : { host, ssh };
  if (decision === 'ABORT') {
    return [
      ...left.filter((domain) => domain.kind === 'xen').flatMap(wakeUp),
      `vmbuddies sweep ${domains.map(quoteWord).join(' ')} --to ${host}${sshFlag(remote)}`,
    ];
  }
  return [
    `look at the destination, ${host}, for each NAME of them: ${ssh ?? 'ssh'} ${host} xl list`,
    ...recoverySteps('NAME', remote),
  ];
}

function processSteps({ decision }: UnfinishedGroup): string[] {
  return decision === 'ABORT'
    ? ['"vmbuddies list", "vmbuddies resume NAME" for each that is paused']
    : [
        'for each NAME--migratedaway here: "vmbuddies destroy" it if NAME runs at the destination, "vmbuddies resume" it ' +
          'only if NAME certainly does not',
      ];
}

/** Brings back a domain that no copy can have replaced. One that runs under its own name needs nothing. */
function wakeUp({ name: present, state }: XenDomainInfo): string[] {
  const name = quoteWord(present.replace(/--migratedaway$/, ''));
  const steps: string[] = [];
  if (present.endsWith('--migratedaway')) steps.push(`xl rename ${quoteWord(present)} ${name}`);
  if (state === 'suspended') steps.push(`vmbuddies resume ${name}`);
  return steps.length > 0 ? [steps.join(' && ')] : [];
}
