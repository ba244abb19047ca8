import { describe, expect, it } from 'vitest';
import { judgeBalloon } from '../../../src/cli/doctor-balloons.ts';

describe('doctor, of a domain whose memory a killed process has not given back', () => {
  const before = { reference: 'xen:web', presentBytes: 128 * 2 ** 20 };
  const had = 'had 128 MiB when a process that has been killed began to move it';

  it.each([
    [42 * 2 ** 20, `${had}, and has 42 MiB`],
    [128 * 2 ** 20, `${had}, and has it`],
    [null, `${had}, and is not here`],
  ])('says what it has now, and points to recover: %s', (presentBytes, finding) => {
    expect(judgeBalloon({ before, presentBytes })).toEqual({
      subject: 'memory of xen:web',
      verdict: 'note',
      finding,
      fix: 'vmbuddies recover',
    });
  });
});
