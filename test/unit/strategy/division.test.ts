import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/domains/domain.ts';
import {
  equalDivision,
  type GroupMember,
  largestLoadLast,
  optimalDivision,
  settlingTerms,
} from '../../../src/strategy/division.ts';

const MiB = 2 ** 20;

function member(state: MigrationState, load: Partial<GroupMember['load']> = {}, finalBytes = 0): GroupMember {
  const memoryBytes = load.memoryBytes ?? 128 * MiB;
  return {
    state,
    load: {
      memoryBytes,
      wwsBytes: 16 * MiB,
      dirtyBytesPerSecond: MiB,
      remainingBytes: memoryBytes,
      sentBytes: 0,
      ...load,
    },
    finalBytes,
    catchingUp: false,
    sentOnce: false,
  };
}

const states = fc.constantFrom<MigrationState>('idle', 'precopy', 'waiting', 'stopping', 'prepared');
const members = fc.array(
  fc.record({
    state: states,
    load: fc.record({
      memoryBytes: fc.integer({ min: MiB, max: 1024 * MiB }),
      dirtyBytesPerSecond: fc.integer({ min: 0, max: 400 * MiB }),
    }),
    finalBytes: fc.integer({ min: 0, max: 64 * MiB }),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('division of the link', () => {
  it.each([
    ['equal', equalDivision],
    ['largest load last', largestLoadLast],
    ['optimal', optimalDivision],
  ])('%s never hands out more than there is', (_, division) => {
    fc.assert(
      fc.property(members, fc.integer({ min: 100_000, max: 10 ** 9 }), (group, link) => {
        const views = group.map(({ state, load, finalBytes }) =>
          member(state, { ...load, wwsBytes: load.memoryBytes / 4, remainingBytes: load.memoryBytes }, finalBytes),
        );
        const rates = division(views, link).map((rate) => rate ?? 0);
        expect(rates.every((rate) => rate >= 0 && Number.isFinite(rate))).toBe(true);
        expect(rates.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(link * (1 + 1e-9) + 4096 * group.length);
      }),
    );
  });

  it('largest load last gives the whole link to the domain that dirties least', () => {
    const group = [
      member('idle', { dirtyBytesPerSecond: 3 * MiB }),
      member('idle', { dirtyBytesPerSecond: MiB }),
      member('idle', { dirtyBytesPerSecond: 2 * MiB }),
    ];
    expect(largestLoadLast(group, 10 * MiB)).toEqual([null, 10 * MiB, null]);
  });

  it('largest load last keeps a waiting domain at its dirty rate and gives the rest to the next', () => {
    const group = [member('idle', { dirtyBytesPerSecond: 3 * MiB }), member('waiting', { dirtyBytesPerSecond: MiB })];
    expect(largestLoadLast(group, 10 * MiB)).toEqual([9 * MiB, MiB]);
  });

  it('leaves a domain that will catch up at the end alone while it waits', () => {
    const group = [member('idle', { dirtyBytesPerSecond: 3 * MiB }), member('waiting', { dirtyBytesPerSecond: MiB })];
    for (const division of [largestLoadLast, optimalDivision]) {
      const [copying, waiting] = division(group, 10 * MiB, settlingTerms);
      expect(waiting).toBeCloseTo(0.2 * MiB, 3);
      expect(copying).toBeCloseTo(9.8 * MiB, 0);
    }
  });

  it('optimal looks one round ahead where domains catch up at the end', () => {
    // Dirties too fast to be copied: by Xen's own rules that goes on for three times the memory.
    const busy = { wwsBytes: 100 * MiB, dirtyBytesPerSecond: 20 * MiB };
    const group = [member('precopy', busy), member('precopy')];
    const [byPaper] = optimalDivision(group, 10 * MiB);
    const [settling] = optimalDivision(group, 10 * MiB, settlingTerms);
    expect(settling!).toBeLessThan(byPaper!);
    expect(settling!).toBeGreaterThan(5 * MiB);
  });

  it('does not start the next domain while one is still in pre-copy, however little that one dirties', () => {
    const group = [member('idle', { dirtyBytesPerSecond: 0 }), member('precopy', { dirtyBytesPerSecond: 5 * MiB })];
    expect(largestLoadLast(group, 10 * MiB)).toEqual([null, 10 * MiB]);
  });

  it('optimal gives equal domains equal shares and a larger one more', () => {
    const [a, b] = optimalDivision([member('precopy'), member('precopy')], 10 * MiB);
    expect(a).toBeCloseTo(b!, 0);
    const [small, large] = optimalDivision(
      [member('precopy'), member('precopy', { memoryBytes: 512 * MiB })],
      10 * MiB,
    );
    expect(large!).toBeGreaterThan(small! * 2);
  });

  it('optimal never starves a domain that seems to have nothing left', () => {
    const rates = optimalDivision([member('precopy', { remainingBytes: 0 }), member('precopy')], 10 * MiB);
    expect(rates[0]!).toBeGreaterThan(0.1 * MiB);
  });

  it.each([
    ['largest load last', largestLoadLast],
    ['optimal', optimalDivision],
  ])('%s divides the final copy in proportion to what is left', (_, division) => {
    const rates = division(
      [member('stopping', {}, 30 * MiB), member('stopping', {}, 10 * MiB), member('prepared')],
      8 * MiB,
    );
    expect(rates[0]! / rates[1]!).toBeCloseTo(3, 6);
    expect(rates[2]).toBeNull();
  });
});
