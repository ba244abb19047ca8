// Pins the public types: a change that breaks a caller fails here first. Checked by `tsc -p test/tsconfig.json`.
import type {
  Domain,
  DomainInfo,
  GroupEvent,
  GroupOutcome,
  GroupRun,
  MigrationRun,
  ProcessDomain,
  Receiver,
  Round,
  StrategyName,
  VmbuddiesError,
  VmbuddiesErrorCode,
  XenDomain,
  XenProbe,
} from '../../src/index.ts';
import * as api from '../../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_proof: Equal<A, B>): void => {};

same<StrategyName, 'ns' | 'mo' | 'lll' | 'lll+mo' | 'oba' | 'oba+mo' | 'equal' | 'turns'>(true);
same<ReturnType<typeof api.migrateGroup>, GroupRun>(true);
same<ReturnType<typeof api.migrate>, MigrationRun>(true);
same<ReturnType<typeof api.openReceiver>, Receiver>(true);
same<ReturnType<typeof api.startDomain>, Promise<ProcessDomain>>(true);
same<ReturnType<typeof api.openDomain>, ProcessDomain | XenDomain>(true);
same<Domain['kind'], 'process' | 'xen' | 'sim'>(true);
same<DomainInfo['kind'], 'process' | 'xen'>(true);
same<ReturnType<typeof api.probeXen>, XenProbe>(true);
same<ReturnType<typeof api.listDomains>, DomainInfo[]>(true);
same<MigrationRun['result'], Promise<GroupOutcome>>(true);
same<GroupOutcome['outcome'], 'committed' | 'aborted' | 'failed' | 'partial' | 'unknown'>(true);
same<GroupOutcome['where'], 'destination' | 'source' | 'mixed' | 'unknown' | 'ended'>(true);
same<VmbuddiesError['code'], VmbuddiesErrorCode>(true);
same<(typeof api.errorCodes)[number], VmbuddiesErrorCode>(true);

// The two calls that others build on: their shapes are fixed.
const prediction: {
  readonly completionSeconds: number;
  readonly trafficBytes: number;
  readonly rounds: number;
  readonly downtimeSeconds: number;
} = api.predictMigration({ memoryBytes: 1, wwsBytes: 1, dirtyBytesPerSecond: 1 }, 1);
const allocation: {
  readonly bytesPerSecond: readonly number[];
  readonly completionSeconds: { readonly lower: number; readonly upper: number };
} = api.allocateOptimal([{ memoryBytes: 1, wwsBytes: 1, dirtyBytesPerSecond: 1 }], 1);
void [prediction, allocation];

// A reference that names its kind opens a domain whose kind is known; a plain one is told apart by `kind`.
const processWrites: number = api.openDomain('process:web').info().writes;
const xenDomid: number = api.openDomain('xen:web').info().domid;
const info = api.openDomain('web').info();
const either: number = info.kind === 'xen' ? info.domid : info.pid;
void [processWrites, xenDomid, either];

const run: GroupRun = undefined as never;
const events: AsyncIterable<GroupEvent> & AsyncDisposable = run;
const rounds: AsyncIterable<Round> & AsyncDisposable = undefined as never as MigrationRun;
void [events, rounds];

// @ts-expect-error the link's rate is never optional for a group
api.migrateGroup([], { to: 'host:1' });
// @ts-expect-error a strategy is one of the names
api.migrateGroup([], { to: 'host:1', linkBytesPerSecond: 1, strategy: 'fast' });
// @ts-expect-error a domain needs a name
api.startDomain({ memoryBytes: 1 });
// @ts-expect-error an engine is one of the names
api.migrateGroup([], { to: 'host', linkBytesPerSecond: 1, engine: 'xl' });
