import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApplication } from '../../../src/files/application-file.ts';
import { applicationContents, applicationText } from '../../../src/files/application-text.ts';
import type { PlannedApplication } from '../../../src/plan/application.ts';

const pageBytes = 4096;
const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const positiveShare = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1000);
const pages = fc.integer({ min: 1, max: 2 ** 30 });
const writes = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const ms = fc.integer({ min: 1, max: 1e8 });

const levels = fc.oneof(
  fc.constant({ kind: 'steady' as const, lowLevel: 1, periodMs: 0, phase: 0 }),
  fc.record({
    kind: fc.constantFrom('on-off' as const, 'waves' as const),
    lowLevel: share,
    periodMs: ms,
    phase: share,
  }),
  fc
    .record({
      steps: fc.array(fc.record({ seconds: ms.map((time) => time / 1000), level: positiveShare }), {
        minLength: 3,
        maxLength: 8,
      }),
      phase: share,
    })
    .map(({ steps, phase }) => ({
      kind: 'trace' as const,
      levels: steps,
      lowLevel: Math.min(...steps.map(({ level }) => level)),
      periodMs: steps.reduce((sum, { seconds }) => sum + seconds, 0) * 1000,
      phase,
    })),
);

const application: fc.Arbitrary<PlannedApplication> = fc
  .record({
    name: fc.constantFrom('shop', '1e3', 'null', 'a.b-c_d', '007', 'yes'),
    tier: fc.constantFrom('web', 'true', '12'),
    hot: pages,
    cold: pages,
    spare: pages,
    known: fc.boolean(),
    hotWrites: writes,
    coldWrites: writes,
    noise: share,
    levels,
  })
  .map(({ name, tier, hot, cold, spare, known, hotWrites, coldWrites, noise, levels }) => {
    const usedBytes = (hot + cold + 256) * pageBytes;
    const memoryBytes = usedBytes + spare * pageBytes;
    const workload = {
      ...levels,
      usedBytes: known ? usedBytes : memoryBytes,
      wwsBytes: (hot + cold) * pageBytes,
      hotBytes: hot * pageBytes,
      hotWritesPerSecond: hotWrites,
      coldWritesPerSecond: coldWrites,
    };
    return {
      name,
      domains: [{ name, tier, memoryBytes, usedBytes: known ? usedBytes : null, workload, noise }],
      flows: [],
    };
  });

/** Rates are written with nine digits behind the point where they are smaller than anyone can measure. */
function expectSame(read: PlannedApplication, written: PlannedApplication): void {
  const rounded = (value: PlannedApplication) =>
    JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'number' ? Number(inner.toPrecision(6)) : inner)));
  expect(rounded(read)).toEqual(rounded(written));
}

describe('an application that is written as a file', () => {
  it('is read as the same application', () => {
    fc.assert(
      fc.property(application, (written) => {
        expectSame(parseApplication(applicationText(written, ['a comment: "x"']), 'app.yaml'), written);
      }),
    );
  });

  it('is read as the same from JSON', () => {
    fc.assert(
      fc.property(application, (written) => {
        expectSame(parseApplication(JSON.stringify(applicationContents(written)), 'app.yaml'), written);
      }),
    );
  });

  it('says a recorded on-off guest as its period and the share of it that is high', () => {
    const text = applicationText({
      name: 'shop',
      flows: [],
      domains: [
        {
          name: 'db',
          tier: 'db',
          memoryBytes: 2 ** 26,
          usedBytes: 2 ** 25,
          noise: 0.02,
          workload: {
            kind: 'trace',
            usedBytes: 2 ** 25,
            wwsBytes: 2 ** 24,
            hotBytes: 2 ** 20,
            hotWritesPerSecond: 900,
            coldWritesPerSecond: 10.5,
            lowLevel: 0.25,
            periodMs: 8000,
            phase: 0,
            levels: [
              { seconds: 2, level: 1 },
              { seconds: 6, level: 0.25 },
            ],
          },
        },
      ],
    });
    expect(text).toContain(
      'workload: { kind: on-off, wws: 16MiB, hot: 1MiB, hotWrites: 900/s, coldWrites: 10.5/s, low: 0.25, duty: 0.25, period: 8s }',
    );
  });
});
