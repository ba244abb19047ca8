import { describe, expect, it } from 'vitest';
import { whereabouts } from '../../../src/cli/whereabouts.ts';
import { domainOutcome, failedOutcome, groupOutcome } from '../report/outcomes.ts';

const places = { destination: '10.0.0.2:7070', registryFlag: '' };

describe('whereabouts', () => {
  it('says that all run on at the source', () => {
    expect(whereabouts(failedOutcome(), places)).toBe('web, app and db run on here at the source.');
  });

  it('names both places and the command for the rest when some moved', () => {
    const domains = [
      domainOutcome('web'),
      domainOutcome('app', { where: 'source' }),
      domainOutcome('db', { where: 'source' }),
    ];
    const outcome = groupOutcome({ outcome: 'partial', where: 'mixed', domains });
    expect(whereabouts(outcome, places)).toBe(
      'app and db run on here at the source. web runs at 10.0.0.2:7070. ' +
        'To bring the rest: vmbuddies migrate app db --to 10.0.0.2:7070',
    );
  });

  it('warns against a second copy and gives both recovery commands when nobody knows', () => {
    const domains = [domainOutcome('web'), domainOutcome('db', { where: 'unknown' })];
    const outcome = groupOutcome({ outcome: 'unknown', where: 'unknown', domains });
    const line = whereabouts(outcome, { ...places, registryFlag: ' --registry /run/here' });
    expect(line).toBe(
      'web runs at 10.0.0.2:7070. Where db runs is UNKNOWN: look with "vmbuddies list" at both ends; ' +
        'only where the domain does NOT run at 10.0.0.2:7070, ' +
        '"vmbuddies resume db--migratedaway --registry /run/here" brings it back here; ' +
        'where it does, "vmbuddies destroy db--migratedaway --registry /run/here" removes the leftover.',
    );
    expect(line).not.toContain('\n');
  });
});
