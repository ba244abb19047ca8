import { describe, expect, it } from 'vitest';
import { residualSeconds } from '../../../src/plan/residual.ts';
import { type LongPause, warningsOf } from '../../../src/plan/warnings.ts';
import { warningText } from '../../../src/report/warnings.ts';
import { applicationOf, MiB, steadyDomain } from './applications.ts';

const known = { usedBytes: 512 * MiB };
const db = steadyDomain('db', { ...known, d: 41e6, W: 400 * MiB });

function longPauseOf(domain = db, linkBytesPerSecond = 5e6, budgetMs = 1000): LongPause {
  const [warning] = warningsOf(applicationOf(domain), { linkBytesPerSecond, budgetMs });
  expect(warning?.kind).toBe('long-pause');
  return warning as LongPause;
}

describe('warningsOf', () => {
  it('has none where all converge and little is split', () => {
    const calm = applicationOf(steadyDomain('web', known), steadyDomain('app', known));
    expect(warningsOf(calm, { linkBytesPerSecond: 50e6, budgetMs: 300 })).toEqual([]);
  });

  it('says how long a domain that never converges will pause, and what would keep the pause short', () => {
    const { domain, dirtyBytesPerSecond, pauseMs, options } = longPauseOf();
    expect(domain).toBe('db');
    expect(dirtyBytesPerSecond / 41e6).toBeCloseTo(0.95, 1);
    expect(pauseMs).toBeCloseTo(1000 * residualSeconds(db, 5e6), 6);
    const { linkBytesPerSecond, writesShare, quietPauseMs } = options;
    expect(residualSeconds(db, linkBytesPerSecond)).toBeLessThanOrEqual(1);
    expect(residualSeconds(db, linkBytesPerSecond / 1.01)).toBeGreaterThan(1);
    expect(residualSeconds(db, 5e6, writesShare)).toBeLessThanOrEqual(1);
    expect(residualSeconds(db, 5e6, writesShare * 1.01)).toBeGreaterThan(1);
    expect(quietPauseMs).toBeNull();
  });

  it('offers a quiet time where the guest has one', () => {
    const changing = { ...db, workload: { ...db.workload, kind: 'on-off', lowLevel: 0.05, periodMs: 60_000 } as const };
    const { options, pauseMs } = longPauseOf(changing);
    expect(options.quietPauseMs).toBeLessThan(pauseMs);
  });

  it('warns of a hot part, too, that is written faster than it can be sent', () => {
    const hot = { ...db.workload, hotBytes: 20 * MiB, hotWritesPerSecond: 1e5, coldWritesPerSecond: 100 };
    const warning = longPauseOf({ ...db, workload: hot }, 50e6, 300);
    expect(warning.pauseMs).toBeGreaterThan(350);
    expect(warningText(warning)).toMatch(
      /^db writes 17\.\d MiB again and again, faster than the link's 47\.7 MiB\/s can/,
    );
  });

  it('warns of traffic that would take much of the link, and of memory that nobody knows to be free', () => {
    const domains = [steadyDomain('web'), steadyDomain('app', known)];
    const flows = [{ from: 'web', to: 'app', bytesPerSecond: 20e6 }];
    const warnings = warningsOf({ name: 'test', domains, flows }, { linkBytesPerSecond: 50e6, budgetMs: 1000 });
    expect(warnings).toEqual([
      { kind: 'split-traffic', bytesPerSecond: 20e6, linkBytesPerSecond: 50e6 },
      { kind: 'unknown-use', domains: ['web'], memoryBytes: 512 * MiB },
    ]);
    expect(warnings.map(warningText)).toEqual([
      expect.stringMatching(/^the domains send each other 160 Mbit\/s, and the link carries 400 Mbit\/s: /),
      'what the guest uses is not known of web, so all memory travels, 512 MiB; options: say it as "used"',
    ]);
  });

  it('puts all of it into one sentence', () => {
    expect(warningText(longPauseOf())).toMatch(
      /^db dirties 37\.\d MiB\/s, the link carries 4\.77 MiB\/s: it will not converge; the pause will be about 1 min 1\d s, more in a group; options, for 1 s: a link of \d+ Mbit\/s, or db at \d+ % of its writes$/,
    );
  });
});
