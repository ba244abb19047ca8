import {
  type DomainInfo,
  listDomains,
  type RegistryOptions,
  type UnfinishedGroup,
  unfinishedGroups,
  type XenDomainInfo,
} from '../index.ts';
import { type Check, failed, noted } from '../transfer/check.ts';
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

/** `here` is every domain of this host: by what is left of a group it is seen of which kind it was. */
export function judgeGroup({ journal, domains, decision }: UnfinishedGroup, here: readonly DomainInfo[]): Check {
  const subject = `group ${domains.join(', ')}`;
  const names = domains.flatMap((name) => [name, `${name}--migratedaway`]);
  const left = here.filter(({ name }) => names.includes(name));
  const xen = left.filter((domain) => domain.kind === 'xen');
  const isXen = xen.length > 0 && xen.length === left.length;
  if (decision === 'ABORT') {
    const fix = isXen
      ? [
          ...xen.flatMap(wakeUp),
          `vmbuddies sweep ${domains.map(quoteWord).join(' ')} --to HOST`,
          `then delete ${journal}`,
        ]
      : [`"vmbuddies list", "vmbuddies resume NAME" for each that is paused, then delete ${journal}`];
    return noted(subject, 'left halfway before COMMIT: every domain belongs here, at its source', fix.join('\n'));
  }
  const fix = isXen
    ? [
        'look at the destination, HOST, for each NAME of them: ssh HOST xl list',
        ...recoverySteps('NAME', { host: 'HOST' }),
        `then delete ${journal}`,
      ]
    : [
        'for each NAME--migratedaway here: "vmbuddies destroy" it if NAME runs at the destination, "vmbuddies resume" it ' +
          `only if NAME certainly does not; then delete ${journal}`,
      ];
  return failed(subject, 'left halfway after COMMIT: any of them may run at the destination', fix.join('\n'));
}

/** Brings back a domain that no copy can have replaced. One that runs under its own name needs nothing. */
function wakeUp({ name: present, state }: XenDomainInfo): string[] {
  const name = quoteWord(present.replace(/--migratedaway$/, ''));
  const steps: string[] = [];
  if (present.endsWith('--migratedaway')) steps.push(`xl rename ${quoteWord(present)} ${name}`);
  if (state === 'suspended') steps.push(`vmbuddies resume ${name}`);
  return steps.length > 0 ? [steps.join(' && ')] : [];
}
