import { describe, expect, it } from 'vitest';
import type { Moment } from '../../../src/evaluation/moments.ts';
import type { Tier, Users } from '../../../src/evaluation/paper.ts';
import { meanService, type ServiceModel, serve, usersAt } from '../../../src/evaluation/service.ts';

const model: ServiceModel = {
  thinkSeconds: 4,
  mostRequestsPerSecond: 100,
  capacityFactor: 4,
  leastResponseSeconds: 0.1,
  loggingShare: 0.1,
  queuedBytes: 1e6,
  crossings: [
    { between: ['web', 'app'], roundTrips: 5, bytes: 1e3 },
    { between: ['app', 'db'], roundTrips: 10, bytes: 1e3 },
  ],
};
const testbed = { name: 'test', linkBytesPerSecond: 5e6, latencyMs: 10 };
const steady = (count: number): Users => ({ pattern: 'steady', most: count, least: count, periodSeconds: 60 });
const from0 = (moved: readonly Tier[], migrating: readonly Tier[], suspended = false): Moment => ({
  fromSeconds: 0,
  moved: new Set(moved),
  migrating: new Set(migrating),
  suspended,
});
/** What it has come to after two minutes. */
const settled = (moments: readonly Moment[], users: Users) =>
  meanService(serve(moments, users, testbed, { fromSeconds: 0, toSeconds: 180 }, model).slice(120));

describe('the service', () => {
  it('answers few users at once, and each comes again after thinking', () => {
    const { responseSeconds, requestsPerSecond } = settled([], steady(41));
    expect(responseSeconds).toBeCloseTo(0.1, 3);
    expect(requestsPerSecond).toBeCloseTo(41 / 4.1, 3);
  });

  it('lets many users wait: as many requests as it can, and N ÷ capacity less the think time for each', () => {
    const { responseSeconds, requestsPerSecond } = settled([], steady(500));
    expect(requestsPerSecond).toBeCloseTo(100, 3);
    expect(responseSeconds).toBeCloseTo(500 / 100 - 4, 2);
  });

  it('can do less while a dirty log is on', () => {
    expect(settled([from0([], ['db'])], steady(500)).requestsPerSecond).toBeCloseTo(90, 3);
  });

  it('pays a round trip and the queue before the link for each crossing while neighbours are apart', () => {
    const trip = 0.02 + 1e6 / 5e6;
    expect(settled([from0(['web'], ['app'])], steady(41)).responseSeconds).toBeCloseTo(0.1 + 5 * trip, 2);
    expect(settled([from0(['web', 'app'], ['db'])], steady(41)).responseSeconds).toBeCloseTo(0.1 + 10 * trip, 2);
    expect(settled([from0(['app'], ['db'])], steady(41)).responseSeconds).toBeCloseTo(0.1 + 15 * trip, 2);
  });

  it('pays the round trip alone when nothing migrates, and nothing when all are together again', () => {
    expect(settled([from0(['web'], [])], steady(41)).responseSeconds).toBeCloseTo(0.1 + 5 * 0.02, 2);
    expect(settled([from0(['web', 'app', 'db'], [])], steady(41)).responseSeconds).toBeCloseTo(0.1, 3);
  });

  it('has four times the capacity once DB is at the destination', () => {
    expect(settled([from0(['web', 'app', 'db'], [])], steady(2000)).requestsPerSecond).toBeCloseTo(400, 2);
  });

  it('is held up by a link that carries too little', () => {
    const narrow = { ...testbed, linkBytesPerSecond: 1e5 };
    const moments = [from0(['web'], ['app'])];
    const unqueued = { ...model, queuedBytes: 0 };
    const seconds = serve(moments, steady(500), narrow, { fromSeconds: 0, toSeconds: 300 }, unqueued);
    // Half of it is the migration's; a request takes 1 kB.
    expect(meanService(seconds.slice(200)).requestsPerSecond).toBeCloseTo(50, 1);
  });

  it('answers nothing while a tier is suspended, and then everybody who waited', () => {
    const moments = [
      { ...from0([], [], true), fromSeconds: 60 },
      { ...from0(['web', 'app', 'db'], []), fromSeconds: 70 },
    ];
    const seconds = serve(moments, steady(41), testbed, { fromSeconds: 0, toSeconds: 120 }, model);
    expect(seconds.filter(({ requests }) => requests === 0).map((one) => one.seconds)).toEqual([
      61, 62, 63, 64, 65, 66, 67, 68, 69, 70,
    ]);
    expect(seconds.find((one) => one.seconds === 71)!.requests).toBeGreaterThan(30);
  });
});

describe('the users', () => {
  it('come in the patterns of §5.1', () => {
    const onOff: Users = { pattern: 'on-off', most: 1000, least: 500, periodSeconds: 60 };
    expect([0, 29, 30, 59, 60].map((seconds) => usersAt(onOff, seconds))).toEqual([1000, 1000, 500, 500, 1000]);
    const waves: Users = { pattern: 'waves', most: 350, least: 10, periodSeconds: 240 };
    expect([0, 60, 120, 180, 240].map((seconds) => usersAt(waves, seconds))).toEqual([10, 180, 350, 180, 10]);
  });
});
