import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../../../src/report/comparison.ts';
import { domainOutcome, groupOutcome } from './outcomes.ts';

const verified = [domainOutcome('web', { verified: true }), domainOutcome('db', { verified: true })];
const ns = groupOutcome({
  strategy: 'ns',
  completionMs: 20_000,
  trafficBytes: 2 ** 30,
  downtimeMs: 40,
  unsynchronisedMs: 9000,
  domains: verified,
});
const buddies = groupOutcome({
  completionMs: 9000,
  trafficBytes: 2 ** 29,
  downtimeMs: 50,
  unsynchronisedMs: 4.5,
  domains: verified,
});

describe('comparisonTable', () => {
  it('gives each figure with its ratio to ns, wherever ns stands', () => {
    const { columns, rows } = comparisonTable([buddies, ns]);
    expect(columns.map(({ title }) => title)).toEqual([
      'STRATEGY',
      'COMPLETION',
      '÷ ns',
      'TRAFFIC',
      '÷ ns',
      'DOWNTIME',
      '÷ ns',
      'UNSYNCHRONISED',
      '÷ ns',
      'VERIFIED',
    ]);
    expect(rows).toEqual([
      ['oba+mo', '9 s', '0.45', '512 MiB', '0.50', '50 ms', '1.3', '4.5 ms', '0.00050', '2 of 2'],
      ['ns', '20 s', '1.0', '1 GiB', '1.0', '40 ms', '1.0', '9 s', '1.0', '2 of 2'],
    ]);
  });

  it('takes the first strategy as the baseline where ns was not run', () => {
    expect(comparisonTable([buddies]).columns[2]?.title).toBe('÷ oba+mo');
  });

  it('gives no ratio to nothing', () => {
    const still = groupOutcome({ strategy: 'ns', unsynchronisedMs: 0 });
    expect(comparisonTable([still]).rows[0]?.[8]).toBe('-');
  });

  it('counts as verified only what was', () => {
    const domains = [domainOutcome('web', { verified: false }), domainOutcome('app'), ...verified];
    expect(comparisonTable([groupOutcome({ domains })]).rows[0]?.at(-1)).toBe('2 of 4');
  });

  it('is empty when nothing was run', () => {
    expect(comparisonTable([]).rows).toEqual([]);
  });
});
