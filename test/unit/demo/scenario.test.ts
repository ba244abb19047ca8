import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeScenario } from '../../../src/demo/describe.ts';
import { chosen, createScenario, paper, parseScale, tiers } from '../../../src/demo/scenario.ts';

const standard = { scale: 1 / 8, linkBytesPerSecond: 50e6, seed: 1 };
const pageBytes = 4096;
const pages = (bytes: number) => bytes / pageBytes;

describe('the default scenario', () => {
  const scenario = createScenario(standard);

  it("runs eight times as fast as the paper's testbed", () => expect(scenario.timeFactor).toBe(8));

  it('has the working sets of Table 2 at an eighth, in whole pages', () => {
    const sizes = scenario.domains.map(({ name, memoryBytes, workload }) => [
      name,
      pages(memoryBytes),
      pages(workload.wwsBytes),
    ]);
    expect(sizes).toEqual([
      ['web', 32_768, 5312],
      ['app', 32_768, 6784],
      ['db', 32_768, 26_176],
    ]);
  });

  it('alternates between half and full load, 30 s each divided by eight, all tiers together', () => {
    for (const { workload } of scenario.domains) {
      expect(workload).toMatchObject({ kind: 'on-off', lowLevel: 0.5, periodMs: 7500, phase: 0 });
    }
  });

  it('gives each guest a seed of its own', () => {
    expect(scenario.domains.map(({ workload }) => workload.seed)).toEqual([1, 2, 3]);
  });

  it("writes as fast as at the paper's scale, the link being the paper's", () => {
    for (const { name, workload } of scenario.domains) {
      expect(workload.hotWritesPerSecond).toBe(chosen[name].hotWritesPerSecond);
      expect(workload.coldWritesPerSecond * pageBytes).toBeCloseTo(chosen[name].coldBytesPerSecond, 6);
    }
  });
});

describe('any scenario', () => {
  const options = fc.record({
    scale: fc.double({ min: 1 / 64, max: 1, noNaN: true }),
    linkBytesPerSecond: fc.double({ min: 1e5, max: 1e10, noNaN: true }),
    seed: fc.nat(),
  });

  it("keeps every convergence coefficient d/r and every share of time at the paper's", () => {
    fc.assert(
      fc.property(options, (chosenOptions) => {
        const { domains, timeFactor } = createScenario(chosenOptions);
        for (const { name, memoryBytes, workload } of domains) {
          const link = chosenOptions.linkBytesPerSecond;
          const coefficient = (workload.coldWritesPerSecond * pageBytes) / link;
          expect(coefficient).toBeCloseTo(chosen[name].coldBytesPerSecond / paper.linkBytesPerSecond, 9);
          // Rounding to whole pages may take half a page.
          const round0Here = memoryBytes / link;
          const round0There = paper.memoryBytes / paper.linkBytesPerSecond;
          expect(Math.abs(round0Here * timeFactor - round0There)).toBeLessThan((pageBytes * timeFactor) / link);
          expect(workload.periodMs * timeFactor).toBeCloseTo(paper.periodMs, 3);
        }
      }),
    );
  });

  it('is one that a guest can have: hot within the working set, that within what is used, that within memory', () => {
    fc.assert(
      fc.property(options, (chosenOptions) => {
        for (const { memoryBytes, workload } of createScenario(chosenOptions).domains) {
          const sizes = [workload.hotBytes, workload.wwsBytes, workload.usedBytes, memoryBytes];
          expect(sizes.toSorted((a, b) => a - b)).toEqual(sizes);
          for (const size of sizes) expect(Number.isInteger(pages(size))).toBe(true);
          expect(workload.hotBytes).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('has cold rates that the link can carry on average', () => {
    const mean = (1 + paper.lowLevel) / 2;
    const cold = tiers.reduce((sum, name) => sum + chosen[name].coldBytesPerSecond * mean, 0);
    expect(cold).toBeLessThan(paper.linkBytesPerSecond);
  });

  it.each([
    { scale: 0 },
    { scale: 1.5 },
    { scale: Number.NaN },
    { linkBytesPerSecond: 0 },
    { linkBytesPerSecond: Number.POSITIVE_INFINITY },
  ])('refuses %j', (change) => {
    expect(() => createScenario({ ...standard, ...change })).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }),
    );
  });
});

describe('parseScale', () => {
  it.each([
    ['1/8', 0.125],
    ['0.125', 0.125],
    ['1', 1],
    ['1/64', 0.015625],
    ['3/4', 0.75],
  ])('reads %s', (text, scale) => expect(parseScale(text)).toBe(scale));

  it.each(['0', '2', '1/128', '1/0', '-1/8', 'half', '', '8/1', '1/8/2'])('refuses %j', (text) => {
    expect(() => parseScale(text)).toThrow(/is not a scale from 1\/64 to 1/);
  });
});

describe('describeScenario', () => {
  it("states the factor, and which numbers are the paper's", () => {
    const text = describeScenario(createScenario(standard));
    expect(text).toContain('at 1/8 of its memory, over 400 Mbit/s: everything happens 8 times as fast');
    expect(text).toContain('From the paper: memory, WWS (Table 2)');
    expect(text).toContain('Chosen: used, hot part, write rates');
  });
});
