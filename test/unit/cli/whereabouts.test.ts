import { describe, expect, it } from 'vitest';
import { whereabouts } from '../../../src/cli/whereabouts.ts';
import { unwatched } from '../../../src/cli/xen-recovery.ts';
import { domainOutcome, failedOutcome, groupOutcome } from '../report/outcomes.ts';

const typed = ['web', 'app', 'db'];
const places = { destination: '10.0.0.2:7070', flags: '', typed, xen: null };

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
    const line = whereabouts(outcome, { ...places, flags: ' --registry /run/here' });
    expect(line).toBe(
      'web runs at 10.0.0.2:7070. Where db runs is UNKNOWN: look with "vmbuddies list" at both ends; ' +
        'only where the domain does NOT run at 10.0.0.2:7070, ' +
        '"vmbuddies resume db--migratedaway --registry /run/here" brings it back here; ' +
        'where it does, "vmbuddies destroy db--migratedaway --registry /run/here" removes the leftover.',
    );
    expect(line).not.toContain('\n');
  });

  it('names domains in commands as they were named, since elsewhere a plain name may mean another', () => {
    const domains = [domainOutcome('web'), domainOutcome('db', { where: 'source' })];
    const outcome = groupOutcome({ outcome: 'partial', where: 'mixed', domains });
    expect(whereabouts(outcome, { ...places, typed: ['process:web', 'process:db'] })).toBe(
      'db runs on here at the source. web runs at 10.0.0.2:7070. ' +
        'To bring the rest: vmbuddies migrate process:db --to 10.0.0.2:7070',
    );
  });
});

describe('whereabouts of Xen domains', () => {
  const xen = { destination: 'b', flags: '', typed, xen: { host: 'b' } };
  const lost = (...names: string[]) =>
    groupOutcome({
      outcome: 'unknown',
      where: 'unknown',
      domains: ['web', 'db'].map((name) => domainOutcome(name, names.includes(name) ? { where: 'unknown' } : {})),
    });

  it('says for each thing that may be found at the destination what to type', () => {
    expect(whereabouts(lost('db'), xen).split('\n')).toEqual([
      'web runs at b. Where db runs is UNKNOWN. Look there: ssh b xl list',
      '  db runs there: it has moved. Remove what is left here: xl destroy db--migratedaway',
      '  db is there, paused: let it run, ssh b xl unpause db, then as above',
      '  db--incoming is there: it never ran. vmbuddies sweep db --to b, then as below',
      '  neither is there: bring it back here: xl rename db--migratedaway db && vmbuddies resume db',
      '  b does not answer: wait until it does. Two running copies of one guest destroy its disks',
    ]);
  });

  it('says it once for several, and goes through the same transport', () => {
    const through = { ...xen, flags: " --ssh 'rsh -p 1'", xen: { host: 'b', ssh: 'rsh -p 1' } };
    const lines = whereabouts(lost('web', 'db'), through).split('\n');
    expect(lines[0]).toBe('Where web and db run is UNKNOWN. Look there for each NAME of them: rsh -p 1 b xl list');
    expect(lines[2]).toBe('  NAME is there, paused: let it run, rsh -p 1 b xl unpause NAME, then as above');
    expect(lines[3]).toBe(
      "  NAME--incoming is there: it never ran. vmbuddies sweep NAME --to b --ssh 'rsh -p 1', then as below",
    );
  });

  it('brings the rest through the same transport', () => {
    const domains = [domainOutcome('web'), domainOutcome('db', { where: 'source' })];
    const outcome = groupOutcome({ outcome: 'partial', where: 'mixed', domains });
    expect(whereabouts(outcome, { ...xen, flags: ' --ssh rsh' })).toMatch(
      /To bring the rest: vmbuddies migrate db --to b --ssh rsh$/,
    );
  });
});

describe('unwatched', () => {
  it('warns of guests that were suspended and run on at the source, since xl has stopped watching them', () => {
    const domains = [
      domainOutcome('web', { where: 'source', downtimeMs: 12 }),
      domainOutcome('app', { where: 'source', downtimeMs: 0 }),
      domainOutcome('db', { where: 'destination', downtimeMs: 12 }),
    ];
    expect(unwatched(groupOutcome({ outcome: 'partial', where: 'mixed', domains }))).toEqual([
      'web was suspended for a moment: with Xen before 4.20, xl does not act upon its on_poweroff, on_reboot and on_crash ' +
        'any more until it is next started.',
    ]);
  });
});
