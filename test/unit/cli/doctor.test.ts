import { describe, expect, it } from 'vitest';
import { checkMemory, checkNode } from '../../../src/cli/doctor.ts';

describe('doctor', () => {
  it.each([
    ['20.19.0', 'pass'],
    ['20.20.2', 'pass'],
    ['24.0.0', 'pass'],
    ['20.18.9', 'fail'],
    ['18.20.0', 'fail'],
  ])('judges Node.js %s: %s', (version, verdict) => {
    const check = checkNode(version);
    expect(check.verdict).toBe(verdict);
    expect(check.fix === null).toBe(verdict === 'pass');
  });

  it('only notes little memory, with what to do about it', () => {
    expect(checkMemory(2 ** 31)).toEqual({ subject: 'memory', verdict: 'pass', finding: '2 GiB available', fix: null });
    expect(checkMemory(2 ** 29)).toMatchObject({ verdict: 'note', finding: '512 MiB available' });
    expect(checkMemory(2 ** 29).fix).toContain('--scale 1/32');
  });
});
