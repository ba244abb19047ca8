import { describe, expect, it } from 'vitest';
import type { Domain, DomainKind } from '../../../src/domains/domain.ts';
import { checkGroup } from '../../../src/migrate/check-group.ts';
import type { GroupOptions } from '../../../src/migrate/group-options.ts';

const seen: string[] = [];
const domain = (kind: DomainKind, name: string) =>
  ({
    kind,
    name,
    reference: `${kind}:${name}`,
    checkDestination: (to: string, ssh: string | null) => seen.push(`${name} to ${to} by ${ssh}`),
    engineFor: (choice: string) => seen.push(`${name} with ${choice}`),
    checkStepAside: () => seen.push(`${name} can step aside`),
  }) as unknown as Domain;
const web = domain('xen', 'web');
const db = domain('xen', 'db');
const check = (domains: readonly Domain[], options: Partial<GroupOptions> = {}) =>
  checkGroup(domains, { to: 'there', linkBytesPerSecond: 1e6, ...options });

describe('checkGroup', () => {
  it('asks every domain whether it can go there', () => {
    seen.length = 0;
    check([web, db], { ssh: 'lab-rsh', engine: 'libxenguest' });
    expect(seen).toEqual([
      'web to there by lab-rsh',
      'web with libxenguest',
      'web can step aside',
      'db to there by lab-rsh',
      'db with libxenguest',
      'db can step aside',
    ]);
  });

  it.each<[string, readonly Domain[], Partial<GroupOptions>]>([
    ['there is no domain to migrate', [], {}],
    ['domain web is named twice', [web, web], {}],
    ['xen:web and process:app cannot move together: a group is of one kind', [web, domain('process', 'app')], {}],
    [
      'verifyStream is for Xen domains: a process domain verifies itself',
      [domain('process', 'app')],
      { verifyStream: true },
    ],
    ['Xen domains have no tracker "compare", only Xen’s own log', [web], { tracker: 'compare' }],
    ['linkBytesPerSecond must be more than 0', [web], { linkBytesPerSecond: 0 }],
    [
      'maxDowntimeMs must be more than 0 and at most 100 years (3155760000000), not NaN',
      [web],
      { maxDowntimeMs: Number.NaN },
    ],
    ['profileMs must be more than 0 and at most 100 years (3155760000000), not -1', [web], { profileMs: -1 }],
    [
      'suspendTimeoutMs must be more than 0 and at most 100 years (3155760000000), not Infinity',
      [web],
      { suspendTimeoutMs: Infinity },
    ],
    ['to must be text, not undefined', [web], { to: undefined as unknown as string }],
    [
      'adapt.windowMs must be from 100 on and at most 100 years (3155760000000), not 99',
      [web],
      { adapt: { windowMs: 99 } },
    ],
  ])('refuses: %s', (message, domains, options) => {
    expect(() => check(domains, options)).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: message.replace('’', "'") }),
    );
  });
});
