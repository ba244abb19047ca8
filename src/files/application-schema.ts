/** What an application file says. The types of its contents follow from this, and so does schemas/application.json. */
import * as z from 'zod';
import { pageBytes } from '../model/load.ts';
import { maxTraceLevels, maxWritesPerSecond, minMemoryBytes } from '../simulate/limits.ts';
import { frequency, name, period, rate, section, share, size, someTime } from './fields.ts';

const writes = {
  wws: size.describe('the writable working set, hot part included'),
  hot: size.optional().describe('the part of the working set that is written most; none if left out'),
  hotWrites: frequency.optional().describe('page writes to the hot part, at the high level'),
  coldWrites: frequency.optional().describe('page writes to the rest of the working set, at the high level'),
};

const workload = z.discriminatedUnion('kind', [
  section({ kind: z.literal('idle') }),
  section({ kind: z.literal('steady'), ...writes }),
  section({
    kind: z.enum(['on-off', 'waves']).describe('high and low in turn, or up and down'),
    ...writes,
    low: share.default(0.5).describe('the low level as a share of the high one, 0 to 1'),
    duty: share.default(0.5).describe('on-off: the share of the period that is at the high level'),
    period: period.describe('one high and one low level together'),
    phase: share.default(0).describe('where in the period it starts, 0 to 1'),
  }),
  section({
    kind: z.literal('trace').describe('levels as they were recorded, over and over'),
    ...writes,
    levels: z
      .array(z.tuple([someTime, share], { error: () => 'must be [TIME, LEVEL], such as [2s, 0.5]' }))
      .min(1)
      .max(maxTraceLevels)
      .describe('each [how long, at which share of the high level]'),
    phase: share.default(0).describe('where in the trace it starts, 0 to 1'),
  }),
]);

const domain = section({
  name,
  tier: name.optional().describe('its function: domains of one tier are replicas of each other'),
  memory: size,
  used: size.optional().describe('what the guest needs of its memory; the rest is given back before it moves'),
  dirtyRate: rate.optional().describe('how fast clean pages turn dirty just after the log was cleaned; needs wws'),
  wws: size.optional().describe('the writable working set: the most that becomes dirty however long it takes'),
  coldRate: rate.optional().describe('how fast ever new pages outside wws are written, beside dirtyRate'),
  workload: workload.optional().describe('what the guest does to its memory, in place of dirtyRate and wws'),
  noise: share.default(0.1).describe("how much each second's work varies: the sigma of a lognormal factor"),
}).superRefine(checkDomain);

const flow = section({
  from: name,
  to: name,
  rate: rate.describe(
    'what the one sends the other as the application runs; 1 for each where only the topology is known',
  ),
});

/** The contents of an application file. */
export const applicationSchema = section({
  name: name.default('application'),
  domains: z.array(domain).min(1).max(2000),
  flows: z.array(flow).default([]).describe('who sends whom how much; several of the same two add up'),
}).meta({ title: 'VMbuddies application', description: 'Domains that belong together, and what they send each other' });

export type ApplicationContents = z.output<typeof applicationSchema>;
export type DomainContents = ApplicationContents['domains'][number];

type Says = (path: string[], message: string) => void;

/** What no single key can tell. */
function checkDomain(
  value: Pick<DomainContents, 'memory' | 'used' | 'dirtyRate' | 'wws' | 'coldRate' | 'workload'>,
  context: z.RefinementCtx,
): void {
  const { memory, used = memory, dirtyRate, wws, coldRate, workload } = value;
  const says: Says = (path, message) => context.addIssue({ code: 'custom', path, message });
  if (memory < minMemoryBytes) says(['memory'], 'must be at least 1MiB');
  if (used > memory) says(['used'], 'is more than memory');
  if (workload !== undefined) {
    if (dirtyRate !== undefined) says(['dirtyRate'], 'has no meaning beside workload');
    if (wws !== undefined) says(['wws'], 'has no meaning beside workload: it belongs into it');
    if (coldRate !== undefined) says(['coldRate'], 'has no meaning beside workload: it is its coldWrites');
    checkWorkload(workload, used, (path, message) => says(['workload', ...path], message));
  } else if (dirtyRate === undefined) {
    says([], 'nothing says what it writes: give dirtyRate and wws, or a workload');
  } else {
    if (dirtyRate / pageBytes > maxWritesPerSecond) says(['dirtyRate'], 'must be at most 1000000000 pages/s');
    if (coldRate !== undefined && coldRate / pageBytes > maxWritesPerSecond) {
      says(['coldRate'], 'must be at most 1000000000 pages/s');
    }
    if (coldRate !== undefined && coldRate > 0 && pagesOf(wws ?? 0) === pagesOf(used))
      says(['coldRate'], 'needs used memory that is not wws');
    if (wws === undefined) says([], 'a dirtyRate needs wws, the working set');
    else if (wws > used) says(['wws'], 'is more than the guest uses');
  }
}

function checkWorkload(value: z.output<typeof workload>, used: number, says: Says): void {
  if (value.kind === 'idle') return;
  const { wws, hot = 0, hotWrites = 0, coldWrites = 0 } = value;
  if (wws > used) says(['wws'], 'is more than the guest uses');
  if (hot > wws) says(['hot'], 'is more than wws');
  if (hotWrites > 0 && hot === 0) says(['hotWrites'], 'needs a hot part');
  if (coldWrites > 0 && pagesOf(hot) === pagesOf(wws)) says(['coldWrites'], 'needs a working set that is not all hot');
  if (value.kind === 'waves' && value.duty !== 0.5) says(['duty'], 'has no meaning for waves');
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / pageBytes);
}
