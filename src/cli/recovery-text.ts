/** What is said, by `recover` and by `doctor`, of a group that a killed process has left, and the command that is next. */
import { isAbsolute, resolve } from 'node:path';
import {
  type DomainFinding,
  type DomainKind,
  defaultRegistry,
  type RecoveredDomain,
  type UnfinishedGroup,
} from '../index.ts';
import { quoteWord } from '../transfer/words.ts';

/** As typed where a plain name means what it means here: a registry for process domains, absolute and quoted. */
export function recoverCommand(
  kind: DomainKind,
  home: UnfinishedGroup['home'],
  names: readonly string[],
  where?: string,
): string {
  const words = ['vmbuddies', 'recover', ...names.map(quoteWord)];
  if (kind !== 'xen') {
    const registry = home?.registry ?? where ?? defaultRegistry();
    words.push('--registry', quoteWord(isAbsolute(registry) ? registry : resolve(registry)));
  }
  return words.join(' ');
}

export function groupTitle({ domains, decision, destination }: UnfinishedGroup): string {
  const to = destination === null ? '' : ` to ${destination.to}`;
  return `The migration of ${domains.join(', ')}${to} was left ${decision === 'ABORT' ? 'before' : 'after'} COMMIT.`;
}

/** Where one domain is, after what was done about it. */
export function recoveredText(domain: RecoveredDomain, group: UnfinishedGroup): string {
  const { name, where, settled, did, finding, reason } = domain;
  const to = group.destination?.to ?? 'the destination';
  if (!settled) return unsettledText(domain, to);
  if (finding.superseded) return `${name}: a later migration of it is recorded elsewhere, and this record is moot.`;
  if (where === 'destination') {
    const left = did.includes('destroy-source') ? ' Its suspended source here is removed.' : '';
    return `${name} ${did.includes('unpause-copy') ? 'was paused, and now runs,' : 'runs'} at ${to}.${left}`;
  }
  if (where === 'source') {
    if (did.includes('resume-source')) return `${name} was suspended, and runs here again.`;
    if (did.includes('take-name-back')) return `${name} runs here, and has its name back.`;
    return finding.sighting.here === 'suspended' ? `${name} is here, paused.` : `${name} runs here.`;
  }
  return `${name} is no longer on this host: it has moved on or ended.${reason === '' ? '' : ` (${reason})`}`;
}

/** What was found of one domain, and what `recover` would do. */
export function findingText(finding: DomainFinding, group: UnfinishedGroup): string {
  const { name, remedy, superseded } = finding;
  if (superseded || (remedy.settled && remedy.steps.length === 0)) {
    return recoveredText({ name, where: remedy.where, settled: true, did: [], finding, reason: '' }, group);
  }
  const to = group.destination?.to ?? 'the destination';
  if (!remedy.settled)
    return unsettledText({ name, where: remedy.where, settled: false, did: [], finding, reason: finding.reason }, to);
  if (remedy.where === 'destination') return `${name} runs at ${to}, and its suspended source is still here.`;
  return remedy.steps.includes('resume-source')
    ? `${name} stands still here, and no copy of it runs.`
    : `${name} runs here, but not under its own name.`;
}

function unsettledText({ name, where, finding, ...domain }: RecoveredDomain, to: string): string {
  const reason = domain.reason.replace(/\.$/, ''); // each sentence here ends with its own
  const { here, there } = finding.sighting;
  if (where === 'source') return `${name} runs here, but something is left: ${reason || `${to} was not asked`}.`;
  if (where === 'destination') return `${name} runs at ${to}, but its suspended source is still here: ${reason}.`;
  if (here === 'runs' && there === 'runs') {
    return `${name} runs here AND at ${to}: stop one of the two now. Two running copies destroy data.`;
  }
  switch (there) {
    case 'unknown':
      if (here === 'runs') {
        return `${name} runs here. Whether a copy runs at ${to} too is UNKNOWN: ${reason || `${to} was not asked`}.`;
      }
      return `Where ${name} runs is UNKNOWN: ${reason || `${to} was not asked`}. It stands still here.`;
    case 'gone':
      return `${name} has started at ${to} and is not there any more. Its suspended source is still here.`;
    case 'forgotten':
      return (
        `Where ${name} runs is UNKNOWN: it is not at ${to} now, and what is remembered there does not reach back to this ` +
        'move. It stands still here.'
      );
    case 'held':
      return `${name} is still on its way at ${to}.`;
    default:
      return `Where ${name} runs is UNKNOWN${reason === '' ? '' : `: ${reason}`}.`;
  }
}

/** What to do next about the domains that are not settled: a sentence, and the one command. */
export function nextStep(
  group: UnfinishedGroup,
  unsettled: readonly DomainFinding[],
  where?: string,
): { readonly advice: string; readonly command: string } {
  const { destination } = group;
  const command = recoverCommand(
    destination?.kind ?? 'process',
    group.home,
    unsettled.map(({ name }) => name),
    where,
  );
  const has = (there: DomainFinding['sighting']['there']) =>
    unsettled.filter(({ sighting }) => sighting.there === there);
  const gone = [...has('gone'), ...has('forgotten')];
  if (gone.length > 0) {
    const flags = gone.map(({ name }) => ` --runs-there ${quoteWord(name)}`).join('');
    return {
      advice:
        'Find out whether it went on from there. If it did, or if its work is done, this removes the source; if it did not, ' +
        '--resume-here in place of --runs-there lets the source run on:',
      command: `${command}${flags}`,
    };
  }
  if (has('unknown').length === 0 || destination === null) return { advice: 'Then:', command };
  if (destination.kind === 'xen') {
    const ssh = destination.ssh ?? 'ssh';
    return { advice: `Make "${ssh} ${destination.to} xl list" work, then:`, command };
  }
  return {
    advice:
      `Start the receiver there again ("vmbuddies receive --listen ${destination.to}", with the registry it had; ` +
      'with --to HOST:PORT here if it listens elsewhere), then:',
    command,
  };
}
