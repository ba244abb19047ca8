import { describe, expect, it } from 'vitest';
import { exitCodeOfError, exitCodeOfOutcome, exitCodes } from '../../../src/cli/exit-codes.ts';
import { errorCodes, VmbuddiesError, type VmbuddiesErrorCode } from '../../../src/errors.ts';
import { failedOutcome, groupOutcome } from '../report/outcomes.ts';

describe('exit codes', () => {
  it('are the ones that scripts know', () => {
    expect(exitCodes).toStrictEqual({
      done: 0,
      failed: 1,
      usage: 2,
      refused: 3,
      partial: 4,
      endedEarly: 5,
      unknown: 6,
      unavailable: 69,
      hungUp: 129,
      interrupted: 130,
      terminated: 143,
    });
  });

  const special: Partial<Record<VmbuddiesErrorCode, number>> = {
    ERR_VMBUDDIES_ARGUMENT: 2,
    ERR_VMBUDDIES_DOMAIN_NOT_FOUND: 2,
    ERR_VMBUDDIES_DOMAIN_EXISTS: 2,
    ERR_VMBUDDIES_REFUSED: 3,
    ERR_VMBUDDIES_UNAVAILABLE: 69,
  };
  it.each(errorCodes.map((code) => ({ code, exit: special[code] ?? 1 })))('$code ends with $exit', ({ code, exit }) => {
    expect(exitCodeOfError(new VmbuddiesError(code, 'x'))).toBe(exit);
  });

  it('a failure that leaves a guest nobody knows where ends with 6', () => {
    expect(exitCodeOfError(new VmbuddiesError('ERR_VMBUDDIES_PEER', 'x', { where: 'unknown' }))).toBe(6);
  });

  it('anything thrown that is not ours ends with 1', () => expect(exitCodeOfError(new TypeError('x'))).toBe(1));

  it.each([
    { what: 'committed', outcome: groupOutcome(), exit: 0 },
    { what: 'failed', outcome: failedOutcome(), exit: 1 },
    { what: 'failed without an error', outcome: failedOutcome({ error: null }), exit: 1 },
    {
      what: 'failed for want of something here',
      outcome: failedOutcome({ error: new VmbuddiesError('ERR_VMBUDDIES_UNAVAILABLE', 'x') }),
      exit: 69,
    },
    {
      what: 'refused before a byte was sent',
      outcome: failedOutcome({ outcome: 'aborted', refused: true, trafficBytes: 0 }),
      exit: 3,
    },
    { what: 'given up over a limit', outcome: failedOutcome({ outcome: 'aborted', refused: true }), exit: 5 },
    { what: 'partial', outcome: groupOutcome({ outcome: 'partial', where: 'mixed' }), exit: 4 },
    { what: 'unknown', outcome: groupOutcome({ outcome: 'unknown', where: 'unknown' }), exit: 6 },
  ])('a migration that is $what ends with $exit', ({ outcome, exit }) => {
    expect(exitCodeOfOutcome(outcome, null)).toBe(exit);
  });

  it('an interrupt shows only where the guests are at the source', () => {
    const aborted = failedOutcome({ outcome: 'aborted', error: null });
    expect(exitCodeOfOutcome(aborted, 'SIGINT')).toBe(130);
    expect(exitCodeOfOutcome(aborted, 'SIGTERM')).toBe(143);
    expect(exitCodeOfOutcome(groupOutcome(), 'SIGINT')).toBe(0);
    expect(exitCodeOfOutcome(groupOutcome({ outcome: 'partial', where: 'mixed' }), 'SIGINT')).toBe(4);
    expect(exitCodeOfOutcome(groupOutcome({ outcome: 'unknown', where: 'unknown' }), 'SIGINT')).toBe(6);
  });
});
