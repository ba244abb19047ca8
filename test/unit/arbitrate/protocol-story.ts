import { step, type Transition } from '../../../src/arbitrate/protocol.ts';
import type { GroupCommand, GroupEvent } from '../../../src/arbitrate/protocol-messages.ts';
import { type GroupState, initialGroup } from '../../../src/arbitrate/protocol-state.ts';

/** What the protocol tests tell it, and a pair of domains in the phases they start from. */
export const tell = (state: GroupState, ...events: GroupEvent[]): Transition =>
  events.reduce<Transition>((last, event) => step(last.state, event), { state, commands: [] });

export const each = (
  type: 'waiting' | 'prepared' | 'pledged' | 'started' | 'aborted' | 'sourceDestroyed',
  ...domains: string[]
) => domains.map((domain): GroupEvent => ({ type, domain }));
export const recorded = (decision: 'STOP' | 'COMMIT' | 'ABORT'): GroupEvent => ({ type: 'recorded', decision });
export const notRecorded = (decision: 'STOP' | 'COMMIT' | 'ABORT', written: 'no' | 'maybe'): GroupEvent => ({
  type: 'recordFailed',
  decision,
  written,
  reason: 'disk full',
});
export const failed = (domain: string, where: 'source' | 'unknown'): GroupEvent => ({
  type: 'failed',
  domain,
  where,
  reason: 'link lost',
});
export const record = (decision: 'STOP' | 'COMMIT' | 'ABORT', reason: string | null = null): GroupCommand => ({
  type: 'record',
  decision,
  reason,
});
export const at = (domain: string, where: 'source' | 'destination' | 'unknown', reason: string | null = null) => ({
  domain,
  where,
  sourceLeft: false,
  reason,
});

export const pair = initialGroup(['web', 'db']);
export const stopping = tell(pair, ...each('waiting', 'web', 'db'), recorded('STOP')).state;
export const pledging = tell(stopping, ...each('prepared', 'web', 'db')).state;
export const recordingCommit = tell(pledging, ...each('pledged', 'web', 'db')).state;
export const committing = tell(recordingCommit, recorded('COMMIT')).state;
export const aborting = tell(stopping, failed('db', 'source'), recorded('ABORT')).state;
