import { describe, expect, it } from 'vitest';
import { recoverCommand } from '../../../src/cli/recovery-text.ts';

describe('the command that is printed for what a migration has left', () => {
  it('names the registry of process domains, absolute and quoted, and none for Xen domains', () => {
    expect(recoverCommand('process', null, ['web'], '/my registry')).toBe(
      "vmbuddies recover web --registry '/my registry'",
    );
    expect(recoverCommand('xen', null, ['web'], '/my registry')).toBe('vmbuddies recover web');
  });
});
