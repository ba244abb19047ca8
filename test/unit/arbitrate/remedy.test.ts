import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remedy, type Sighting } from '../../../src/arbitrate/recovery.ts';

const sightings = fc.record<Sighting>({
  here: fc.constantFrom('runs', 'suspended', 'absent'),
  aside: fc.boolean(),
  there: fc.constantFrom('runs', 'paused', 'incoming', 'held', 'gone', 'forgotten', 'absent', 'unknown'),
});
const decisions = fc.constantFrom('COMMIT' as const, 'ABORT' as const);

/** What is left of the two copies once the steps are carried out. */
function carriedOut({ here, there }: Sighting, steps: ReturnType<typeof remedy>['steps']) {
  const has = (step: (typeof steps)[number]) => steps.includes(step);
  return {
    here: has('destroy-source') ? 'absent' : has('resume-source') ? 'runs' : here,
    there: has('sweep-copy') ? 'absent' : has('unpause-copy') ? 'runs' : there,
  };
}

describe('what recovery does for one domain', () => {
  it('never makes a second copy run', () => {
    fc.assert(
      fc.property(decisions, fc.boolean(), sightings, (decision, stopped, seen) => {
        // Without COMMIT no copy was told to start: one that runs there is of another migration, and the source is not.
        fc.pre(decision === 'COMMIT' || seen.there !== 'runs');
        fc.pre(seen.here !== 'runs' || seen.there !== 'runs');
        const { here, there } = carriedOut(seen, remedy(decision, stopped, seen).steps);
        expect(here === 'runs' && there === 'runs').toBe(false);
      }),
    );
  });

  it('resumes a source after COMMIT only if the copy certainly does not run, and removes one only if it does', () => {
    fc.assert(
      fc.property(fc.boolean(), sightings, (stopped, seen) => {
        const { steps } = remedy('COMMIT', stopped, seen);
        if (steps.includes('resume-source')) expect(['absent', 'incoming']).toContain(seen.there);
        if (steps.includes('destroy-source')) expect(['runs', 'paused']).toContain(seen.there);
      }),
    );
  });

  it('never removes a source before COMMIT, nor resumes one that this group has not suspended', () => {
    fc.assert(
      fc.property(fc.boolean(), sightings, (stopped, seen) => {
        const { steps } = remedy('ABORT', stopped, seen);
        expect(steps).not.toContain('destroy-source');
        if (!stopped) expect(steps).not.toContain('resume-source');
      }),
    );
  });

  it('leaves a guest that is settled running in one place, under its own name, or gone from here', () => {
    fc.assert(
      fc.property(decisions, fc.boolean(), sightings, (decision, stopped, seen) => {
        const { steps, where, settled } = remedy(decision, stopped, seen);
        fc.pre(settled);
        const { here, there } = carriedOut(seen, steps);
        if (where === 'destination') expect([here, there === 'runs' || there === 'paused']).toEqual(['absent', true]);
        if (where === 'source') expect(here).not.toBe('absent');
        if (where === 'source' && seen.aside) expect(steps).toContain('take-name-back');
        if (where === 'unknown') expect(here).toBe('absent');
      }),
    );
  });

  it('has nothing more to do once its steps are carried out', () => {
    fc.assert(
      fc.property(decisions, fc.boolean(), sightings, (decision, stopped, seen) => {
        const first = remedy(decision, stopped, seen);
        fc.pre(first.settled);
        const now = carriedOut(seen, first.steps) as Pick<Sighting, 'here' | 'there'>;
        const aside = seen.aside && !first.steps.includes('take-name-back');
        expect(remedy(decision, stopped, { ...now, aside })).toEqual({ steps: [], where: first.where, settled: true });
      }),
    );
  });
});
