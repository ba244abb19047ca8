import { describe, expect, it } from 'vitest';
import { agreementTable, realCells } from '../../../src/evaluation/real.ts';
import { cellName } from '../../../src/evaluation/trials.ts';
import { outcomeOf } from './runs.ts';

describe('simulated against real', () => {
  it('covers D&H and S&L at both speeds under every strategy', () => {
    const names = realCells(1 / 16).map(cellName);
    expect(new Set(names).size).toBe(28);
    expect(names).toContain('D&H 40 Mbit/s oba+mo');
    expect(names).toContain('S&L 400 Mbit/s ns');
  });

  it('says how far the simulator is off, as a share of the real run', () => {
    const [cell] = realCells(1 / 16);
    const simulated = outcomeOf('ns', { completionSeconds: 9, trafficBytes: 110e6, downtimeSeconds: 2 });
    const real = outcomeOf('ns', { completionSeconds: 10, trafficBytes: 100e6, downtimeSeconds: 2 });
    expect(agreementTable([{ cell: cell!, simulated, real }]).rows).toEqual([
      ['D&H 40 Mbit/s ns', '9', '10', '−10 %', '110', '100', '+10 %', '2', '2', '±0 %'],
    ]);
  });
});
