import { describe, expect, it } from 'vitest';
import { judgeBalloon } from '../../../src/cli/doctor-balloons.ts';
import { xenInfo } from './fake-domain.ts';

describe('doctor, of a domain whose memory a killed process has not given back', () => {
  const before = { reference: 'xen:web', presentBytes: 128 * 2 ** 20 };
  const judge = (...here: ReturnType<typeof xenInfo>[]) => judgeBalloon(before, '/state/1.balloon.json', here);
  const had = 'had 128 MiB when a process that has been killed began to move it';

  it('gives what to type where it has less than it had', () => {
    expect(judge(xenInfo('web', { presentBytes: 42 * 2 ** 20 }), xenInfo('db'))).toEqual({
      subject: 'memory of xen:web',
      verdict: 'note',
      finding: `${had}, and has 42 MiB`,
      fix: 'vmbuddies balloon xen:web 131072KiB\nthen delete /state/1.balloon.json',
    });
  });

  it('has nothing to mend where it has its memory', () => {
    expect(judge(xenInfo('web', { presentBytes: 128 * 2 ** 20 }))).toMatchObject({
      finding: `${had}, and has it`,
      fix: 'delete /state/1.balloon.json',
    });
  });

  it('says where to do it when it has moved', () => {
    expect(judge(xenInfo('db'))).toMatchObject({
      finding: `${had}, and is not here`,
      fix: 'where it runs: vmbuddies balloon xen:web 131072KiB\nthen delete /state/1.balloon.json',
    });
  });
});
