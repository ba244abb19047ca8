import { describe, expect, it } from 'vitest';
import { parseReference } from '../../../src/domains/reference.ts';

describe('parseReference', () => {
  it.each([
    ['xen:web', 'xen', 'web'],
    ['process:web', 'process', 'web'],
    ['web', null, 'web'],
    ['web--migratedaway', null, 'web--migratedaway'],
    ['xen:7', 'xen', '7'],
  ])('reads %s', (reference, kind, name) => {
    expect(parseReference(reference)).toEqual({ kind, name });
  });

  it.each([
    ['kvm:web', 'kvm:web: there is no kind of domain called "kvm"; there are xen:NAME and process:NAME'],
    ['xen:', 'xen:: names no domain'],
    ['', ': names no domain'],
  ])('refuses "%s"', (reference, message) => {
    expect(() => parseReference(reference)).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message }),
    );
  });
});
