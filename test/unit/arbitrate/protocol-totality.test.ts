import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step } from '../../../src/arbitrate/protocol.ts';
import type { GroupCommand, GroupEvent } from '../../../src/arbitrate/protocol-messages.ts';
import { initialGroup } from '../../../src/arbitrate/protocol-state.ts';

const domain = fc.constantFrom('web', 'db', 'stranger');
const decision = fc.constantFrom('STOP', 'COMMIT', 'ABORT');
const reason = fc.constant('why');

const anyEvent: fc.Arbitrary<GroupEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom('waiting', 'prepared', 'pledged', 'started', 'aborted', 'sourceDestroyed'),
    domain,
  }) as fc.Arbitrary<GroupEvent>,
  fc.record({ type: fc.constant('failed'), domain, where: fc.constantFrom('source', 'unknown'), reason }),
  fc.record({ type: fc.constant('destroyFailed'), domain, reason }),
  fc.record({ type: fc.constant('pausePredicted'), pauseMs: fc.double() }),
  fc.record({ type: fc.constant('recorded'), decision }),
  fc.record({ type: fc.constant('recordFailed'), decision, written: fc.constantFrom('no', 'maybe'), reason }),
  fc.record({ type: fc.constant('deadline'), barrier: fc.constantFrom('waiting', 'prepared', 'started', 'aborted') }),
  fc.record({ type: fc.constant('cancel'), reason }),
  fc.constant({ type: 'resend' }),
);

/** Chance alone would hardly ever get past the first barrier. */
const goodRun: readonly GroupEvent[] = [
  { type: 'waiting', domain: 'web' },
  { type: 'waiting', domain: 'db' },
  { type: 'pausePredicted', pauseMs: 100 },
  { type: 'recorded', decision: 'STOP' },
  { type: 'prepared', domain: 'db' },
  { type: 'prepared', domain: 'web' },
  { type: 'pledged', domain: 'web' },
  { type: 'pledged', domain: 'db' },
  { type: 'recorded', decision: 'COMMIT' },
  { type: 'started', domain: 'web' },
];

/** Runs to the end of the events, with every state frozen: a function that wrote to one would throw. */
function drive(events: readonly GroupEvent[], budget: number | null): { commands: GroupCommand[]; finishes: number } {
  let state = initialGroup(['web', 'db'], budget === null ? {} : { pauseBudgetMs: budget });
  const all: GroupCommand[] = [];
  for (const event of events) {
    state.domains.forEach(Object.freeze);
    Object.freeze(state.domains);
    const result = step(Object.freeze(state), event);
    all.push(...result.commands);
    state = result.state;
  }
  return { commands: all, finishes: all.filter(({ type }) => type === 'finish').length };
}

describe('the protocol, told anything in any order', () => {
  const wellBegun = fc.nat({ max: goodRun.length }).map((length) => goodRun.slice(0, length));
  const stories = fc
    .tuple(wellBegun, fc.array(anyEvent, { maxLength: 60 }))
    .map(([begun, rest]) => [...begun, ...rest]);
  const budgets = fc.constantFrom(null, 500);

  it('never throws, changes no state it was given, and finishes once, as its last word', () => {
    fc.assert(
      fc.property(stories, budgets, (events, budget) => {
        const { commands, finishes } = drive(events, budget);
        expect(finishes).toBeLessThanOrEqual(1);
        if (finishes === 1) expect(commands.at(-1)?.type).toBe('finish');
      }),
      { numRuns: 2000 },
    );
  });

  it('orders nothing that it has not had recorded, and never both directions', () => {
    fc.assert(
      fc.property(stories, budgets, (events, budget) => {
        const types = drive(events, budget).commands.map((command): string =>
          command.type === 'record' ? command.decision : command.type,
        );
        const follows = (first: string, then: string): void => {
          if (types.includes(then)) expect(types.slice(0, types.indexOf(then))).toContain(first);
        };
        follows('STOP', 'stopAndCopy');
        follows('COMMIT', 'commit');
        follows('ABORT', 'abort');
        follows('commit', 'destroySource');
        expect(types.includes('commit') && types.includes('abort')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is left as it is by the same event told twice', () => {
    fc.assert(
      fc.property(stories, anyEvent, (events, event) => {
        fc.pre(event.type !== 'resend');
        let state = initialGroup(['web', 'db']);
        for (const told of [...events, event]) state = step(state, told).state;
        const again = step(state, event);
        expect(again.state).toBe(state);
        expect(again.commands).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
