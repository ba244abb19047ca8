import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Round, StopRuleName } from '../../../src/domains/engine.ts';
import { stopReason, trafficLeft } from '../../../src/forecast/stop-rule.ts';
import { native } from '../../../src/native/load.ts';

const pages = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100_000 }));
const anyRound = fc.record({ sent: pages, skipped: pages, zero: pages, unsent: pages, dirtied: pages });
const anyRounds = fc.array(anyRound, { minLength: 1, maxLength: 32 }).map((drawn) =>
  drawn.map(
    ({ sent, skipped, zero, unsent, dirtied }, round): Round => ({
      round,
      kind: 'precopy',
      sentPages: sent,
      zeroPages: zero,
      skippedPages: skipped,
      deferredPages: 0,
      unsentPages: unsent,
      dirtiedPages: dirtied + unsent,
      sentBytes: 4104 * sent,
      seconds: 0.01 + sent / 1000,
      logSeconds: 0,
    }),
  ),
);

describe.each<StopRuleName>(['xen-modern', 'xen-legacy', 'converged', 'downtime'])(
  'the stop rule %s of forecasts and simulations',
  (name) => {
    it('ends pre-copy after the same rounds as the native one, in the same words, and lets as much be sent', () => {
      fc.assert(
        fc.property(anyRounds, fc.constantFrom(null, 1, 300, 60_000), (rounds, maxDowntimeMs) => {
          const judged = native().evaluateStopRule(name, (maxDowntimeMs ?? 0) / 1000, rounds);
          expect(stopReason(name, maxDowntimeMs, rounds)).toEqual(judged);
          const [round0, sent] = [rounds[0]!.sentPages, rounds.at(-1)!.sentPages];
          const left = native().trafficLeft(name, round0, sent);
          expect(Math.min(trafficLeft(name, round0, sent), 2 ** 53)).toBe(Math.min(left, 2 ** 53));
        }),
        { numRuns: 2000 },
      );
    });
  },
);
