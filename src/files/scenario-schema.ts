/** What a scenario file says. The types of its contents follow from this, and so does schemas/scenario.json. */
import * as z from 'zod';
import type { MigrationState } from '../domains/domain.ts';
import { type StrategyName, strategies } from '../strategy/strategy.ts';
import { applicationSchema } from './application-schema.ts';
import { duration, linkRate, name, profileTime, section, someTime } from './fields.ts';

const strategy = z.enum(strategies.map((one) => one.name) as [StrategyName, ...StrategyName[]]);
const stopRule = z.enum(['xen-legacy', 'xen-modern', 'converged', 'downtime']);

const states = [
  'precopy',
  'waiting',
  'stopping',
  'prepared',
  'committed',
  'aborted',
] as const satisfies MigrationState[];

const time = {
  at: duration.optional().describe('so long after the group began'),
  when: section({ domain: name, state: z.enum(states) })
    .optional()
    .describe('as soon as a domain enters a state'),
};

function happensOnce({ at, when }: { at?: unknown; when?: unknown }, context: z.RefinementCtx): void {
  if ((at === undefined) === (when === undefined))
    context.addIssue('happens either at a time or when a state is entered');
}

const fault = z.discriminatedUnion('type', [
  section({ type: z.enum(['link-cut', 'receiver-dies', 'abort']), ...time }).superRefine(happensOnce),
  section({ type: z.enum(['guest-dies', 'copy-dies']), domain: name, ...time }).superRefine(happensOnce),
  section({ type: z.enum(['suspend-fails', 'start-refused', 'confirmation-lost']), domain: name }),
  section({ type: z.literal('journal-full'), record: z.enum(['group', 'STOP', 'COMMIT', 'ABORT']) }),
]);

/** The contents of a scenario file. */
export const scenarioSchema = section({
  application: z
    .union([z.string().min(1), applicationSchema], {
      error: ({ input }) =>
        input === undefined ? 'is missing' : 'must be the path of an application file, or an application',
    })
    .describe('the path of an application file, from the folder of this file, or what would stand in it'),
  link: linkRate,
  latency: duration.default(0).describe('one way'),
  loss: z.number().min(0).lt(1).default(0).describe('the share of messages that get lost and are sent again'),
  strategies: z
    .array(strategy)
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'names a strategy twice')
    .default(['turns']),
  stopRule: stopRule.optional().describe("in place of each strategy's own"),
  maxDowntime: someTime.optional().describe('rather give up than pause a guest for longer than this'),
  profile: profileTime.optional().describe('how long dirty rates are measured before the start'),
  startAt: duration.default(0).describe('the migration begins so long after the guests did'),
  faults: z.array(fault).default([]),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1)
    .describe("the first run's; each further one has the next number"),
  runs: z.int().min(1).max(10_000).default(1),
}).meta({ title: 'VMbuddies scenario', description: 'A migration of an application to simulate' });

export type ScenarioContents = z.output<typeof scenarioSchema>;
export type FaultContents = ScenarioContents['faults'][number];
