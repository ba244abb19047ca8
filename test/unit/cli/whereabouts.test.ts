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

  it('points to recover when nobody knows, and says nothing that may be untrue', () => {
    const domains = [domainOutcome('web'), domainOutcome('db', { where: 'unknown' })];
    const outcome = groupOutcome({ outcome: 'unknown', where: 'unknown', domains });
    expect(whereabouts(outcome, { ...places, flags: ' --registry /run/here' })).toBe(
      'web runs at 10.0.0.2:7070. Where db runs is UNKNOWN. To find out, and to do what is safe: ' +
        'vmbuddies recover db --registry /run/here',
    );
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

  it('points to recover, which goes through the transport that the record names', () => {
    const through = { ...xen, flags: " --ssh 'rsh -p 1'", xen: { host: 'b', ssh: 'rsh -p 1' } };
    expect(whereabouts(lost('web', 'db'), through)).toBe(
      'Where web and db run is UNKNOWN. To find out, and to do what is safe: vmbuddies recover web db',
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
