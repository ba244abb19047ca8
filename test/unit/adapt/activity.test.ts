import { describe, expect, it } from 'vitest';
import { Activity, type Growth, workSeconds } from '../../../src/adapt/activity.ts';
import { PhaseForecast } from '../../../src/adapt/phase-forecast.ts';

const MiB = 2 ** 20;
/** 100 MiB written over at 10 MiB/s. */
const growth: Growth = {
  dirtyAfter: (seconds) => 100 * MiB * -Math.expm1(-seconds / 10),
  isKnownAfter: () => true,
};

describe('workSeconds', () => {
  it.each([0.5, 3, 10])('inverts the growth curve at %s s', (seconds) => {
    expect(workSeconds(growth, growth.dirtyAfter(seconds), 60)).toBeCloseTo(seconds, 6);
  });

  it('does not read a time from where the curve is flat, nor beyond the longest one asked for', () => {
    expect(workSeconds(growth, growth.dirtyAfter(16), 60)).toBeNull();
    expect(workSeconds(growth, growth.dirtyAfter(3), 2)).toBeNull();
    expect(workSeconds(growth, 0, 60)).toBeNull();
  });
});

describe('Activity', () => {
  const watching = () => new Activity(new PhaseForecast(), 10 * MiB);
  /** Rounds of these lengths of a domain that works at this pace. */
  const observe = (activity: Activity, pace: number, ...lengths: number[]) =>
    lengths.flatMap((seconds) => activity.observe(seconds, growth.dirtyAfter(pace * seconds), growth) ?? []);

  it('takes rounds of all lengths for one phase while the pace is steady', () => {
    const activity = watching();
    expect(observe(activity, 1, 20, 8, 3, 1, 0.4, 0.2)).toEqual([]);
    expect(activity.pace).toBeCloseTo(1, 12);
  });

  it('reports a change of phase in dirty rates, though a long round hides most of it', () => {
    const activity = watching();
    observe(activity, 1, 8, 4);
    const changes = observe(activity, 2, 5);
    expect(changes).toHaveLength(1);
    expect(changes[0]!.before / (10 * MiB)).toBeCloseTo(1, 1);
    expect(changes[0]!.after / (20 * MiB)).toBeCloseTo(1, 1);
    expect(activity.pace).toBeCloseTo(2, 1);
  });

  it('expects the present pace to last, and the measured one to come again', () => {
    const activity = watching();
    observe(activity, 1, 8, 8, 8, 8);
    observe(activity, 3, 3);
    expect(activity.next(1).mean).toBeGreaterThan(2.7);
    expect(activity.next(600).mean).toBeLessThan(1.6);
    expect(activity.next(600).mean).toBeGreaterThan(1);
  });

  it('does not take a curve that is still unknown for a change of pace', () => {
    const activity = watching();
    const measured = { ...growth, isKnownAfter: (seconds: number) => seconds < 4 };
    expect(activity.observe(60, 30 * MiB, measured)).toBeNull();
    expect(activity.pace).toBeCloseTo(1, 12);
  });
});
