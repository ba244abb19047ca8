import { type Journal, openJournal } from '../arbitrate/journal.ts';
import { step } from '../arbitrate/protocol.ts';
import type { GroupCommand, GroupEvent } from '../arbitrate/protocol-messages.ts';
import {
  type Recovery,
  type RecoveryStep,
  type Remedy,
  recordFailed,
  recover,
  remedy,
  type Sighting,
} from '../arbitrate/recovery.ts';
import { isAside, ownName } from '../domains/aside.ts';
import type { Domain, DomainInfo } from '../domains/domain.ts';
import { listDomains, openDomain } from '../domains/open.ts';
import { defaultRegistry } from '../domains/registry.ts';
import { remoteHost } from '../domains/xen-destination.ts';
import { VmbuddiesError, type Where } from '../errors.ts';
import { requireList, requireObject, requireText } from '../model/check.ts';
import { lastWords } from '../transfer/command.ts';
import { sweep } from '../transfer/sweep.ts';
import { runRemote } from '../transfer/transport.ts';
import { type ListedDomain, parseXlList } from '../transfer/xl-output.ts';
import { takeOver } from './owned-file.ts';
import { type PeerOptions, readSecretFile } from './peers.ts';
import { askReceiver } from './receiver.ts';
import { releaseSources } from './source-claim.ts';
import type { UnfinishedGroup } from './unfinished.ts';

/** A receiver drops the copies of a sender that has died within a second or two; an xl that listens may take longer. */
const patienceMs = 15_000;
const askAgainMs = 200;
const listTimeoutMs = 60_000;

/** What a person knows who has looked where the program cannot. Names of domains. */
export interface RecoveryHints extends PeerOptions {
  /** Where the receiver listens now, or the host is called now, instead of where the record says. */
  readonly to?: string;
  /** They run at the destination, or have gone on from there. */
  readonly runsThere?: readonly string[];
  /** They do not run at the destination and never will. */
  readonly resumeHere?: readonly string[];
  /** For records that do not hold it: the folder in which process domains are registered. */
  readonly registry?: string;
}

/** What is found of one domain, and what is to be done for it. */
export interface DomainFinding {
  readonly name: string;
  readonly sighting: Sighting;
  readonly remedy: Remedy;
  /** A later migration of it has a record of its own, or is under way: nothing is done here. */
  readonly superseded: boolean;
  /** Why it is not known what is at the destination; '' where it is known, or does not matter. */
  readonly reason: string;
}

export interface RecoveredDomain {
  readonly name: string;
  /** Where it runs now. `unknown` and `settled`: it is no longer on this host, and nothing is left to do here. */
  readonly where: Where;
  readonly settled: boolean;
  /** What was done for it, in this order. */
  readonly did: readonly RecoveryStep[];
  readonly finding: DomainFinding;
  /** Why it is not settled, in one sentence; '' if it is. */
  readonly reason: string;
}

/** Looks where each domain of the group is now. Changes nothing. Never rejects for what it cannot find out. */
export async function examineGroup(group: UnfinishedGroup, hints: RecoveryHints = {}): Promise<DomainFinding[]> {
  check(group, hints);
  const listed = group.destination?.kind === 'xen' ? await listThere(group, hints) : [];
  return await Promise.all(group.domains.map((name, index) => examine(group, name, index, hints, listed)));
}

/**
 * Does what is safe for each domain of the group, and removes its record when nothing is left to do. null if another
 * process is at it.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_JOURNAL, ERR_VMBUDDIES_SYSTEM if the record cannot be read or written
 */
export async function recoverGroup(
  group: UnfinishedGroup,
  hints: RecoveryHints = {},
): Promise<readonly RecoveredDomain[] | null> {
  check(group, hints);
  const file = await takeOver(group.journal);
  if (file === null) return null;
  try {
    const journal = await openJournal(group.journal);
    try {
      const recovery = recover(journal.records);
      if (recovery.kind !== 'resume') return null;
      const domains = await new GroupRecovery(group, journal, await examineGroup(group, hints), hints).run(recovery);
      if (domains.every(({ settled }) => settled)) {
        await file.remove();
        await releaseSources(group.journal, group.home);
      }
      return domains;
    } finally {
      await journal.close();
    }
  } finally {
    await file.release();
  }
}

function check(group: UnfinishedGroup, hints: RecoveryHints): void {
  requireObject('group', group);
  requireText('group.journal', group.journal);
  requireList('group.domains', group.domains);
  for (const [index, name] of group.domains.entries()) requireText(`group.domains[${index}]`, name);
  requireList('group.superseded', group.superseded);
  requireObject('hints', hints);
}

/** Drives the group protocol from what its journal says to its end, as the arbitrator does from its beginning. */
class GroupRecovery {
  readonly #group: UnfinishedGroup;
  readonly #journal: Journal;
  readonly #findings: readonly DomainFinding[];
  readonly #hints: RecoveryHints;
  readonly #results = new Map<string, RecoveredDomain>();

  constructor(group: UnfinishedGroup, journal: Journal, findings: readonly DomainFinding[], hints: RecoveryHints) {
    this.#group = group;
    this.#journal = journal;
    this.#findings = findings;
    this.#hints = hints;
  }

  async run({ start }: Extract<Recovery, { kind: 'resume' }>): Promise<RecoveredDomain[]> {
    let { state } = start;
    const commands = [...start.commands];
    for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
      const event = await this.#carryOut(command);
      if (event === null) continue;
      const next = step(state, event);
      state = next.state;
      commands.push(...next.commands);
    }
    return this.#findings.map((finding) => this.#results.get(finding.name) ?? unrecorded(finding, state.reason));
  }

  async #carryOut(command: GroupCommand): Promise<GroupEvent | null> {
    switch (command.type) {
      case 'record':
        try {
          await this.#journal.append({ type: 'decision', decision: command.decision, reason: command.reason });
          return { type: 'recorded', decision: command.decision };
        } catch (error) {
          return recordFailed(command.decision, error);
        }
      case 'commit':
      case 'abort':
        return await this.#settle(command.domain, command.type);
      case 'destroySource':
        return await this.#destroySource(command.domain);
      default:
        return null;
    }
  }

  async #settle(name: string, order: 'commit' | 'abort'): Promise<GroupEvent> {
    const finding = this.#findings.find((each) => each.name === name)!;
    const { steps } = finding.remedy;
    const done = await this.#carryOutSteps(
      finding,
      steps.filter((each) => each !== 'destroy-source'),
    );
    this.#results.set(name, done);
    if (done.where === 'source') {
      return order === 'abort'
        ? { type: 'aborted', domain: name }
        : { type: 'failed', domain: name, where: 'source', reason: 'its copy does not run' };
    }
    if (done.where === 'destination' && order === 'commit') return { type: 'started', domain: name };
    return { type: 'failed', domain: name, where: 'unknown', reason: done.reason };
  }

  async #destroySource(name: string): Promise<GroupEvent> {
    const earlier = this.#results.get(name)!;
    if (!earlier.finding.remedy.steps.includes('destroy-source')) return { type: 'sourceDestroyed', domain: name };
    const { did, settled, reason } = await this.#carryOutSteps(earlier.finding, ['destroy-source']);
    this.#results.set(name, { ...earlier, did: [...earlier.did, ...did], settled, reason });
    return settled ? { type: 'sourceDestroyed', domain: name } : { type: 'destroyFailed', domain: name, reason };
  }

  async #carryOutSteps(finding: DomainFinding, steps: readonly RecoveryStep[]): Promise<RecoveredDomain> {
    const { name, remedy } = finding;
    const did: RecoveryStep[] = [];
    try {
      for (const each of steps) {
        await this.#do(each, name);
        did.push(each);
      }
      const { where, settled } = remedy;
      return { name, where, settled, did, finding, reason: settled ? '' : finding.reason };
    } catch (thrown) {
      // A guest that runs but has not got its name back runs here all the same.
      const runsHere = did.includes('resume-source') || (remedy.where === 'source' && finding.sighting.here === 'runs');
      const where = runsHere ? 'source' : remedy.where === 'destination' ? 'destination' : 'unknown';
      return { name, where, settled: false, did, finding, reason: VmbuddiesError.from(thrown).message };
    }
  }

  async #do(action: RecoveryStep, name: string): Promise<void> {
    if (action === 'sweep-copy' || action === 'unpause-copy') {
      const remote = remoteOf(this.#group, this.#hints);
      if (action === 'sweep-copy') await sweepCopy(remote, name);
      else await unpauseCopy(remote, name);
      return;
    }
    const index = this.#group.domains.indexOf(name);
    await using source = openSource(this.#group, name, index, this.#hints);
    if (action === 'resume-source') await source.resume();
    else if (action === 'take-name-back') await source.stepBack();
    else await source.destroy();
  }
}

async function examine(
  group: UnfinishedGroup,
  name: string,
  index: number,
  hints: RecoveryHints,
  listed: readonly ListedDomain[] | VmbuddiesError,
): Promise<DomainFinding> {
  const source = findSource(group, name, index, hints);
  const here = source === undefined ? 'absent' : standsStill(source) ? 'suspended' : 'runs';
  const aside = source !== undefined && isAside(source.name);
  const superseded = group.superseded.includes(name);
  let there: Sighting['there'] = 'unknown';
  let reason = '';
  if (!superseded) {
    try {
      there = await lookThere(group, name, index, hints, listed, here);
    } catch (error) {
      reason = VmbuddiesError.from(error).message;
    }
  }
  if (there === 'unknown' || there === 'gone' || there === 'forgotten' || there === 'held') {
    if (hints.runsThere?.includes(name)) there = 'runs';
    if (hints.resumeHere?.includes(name)) there = 'absent';
  }
  const sighting = { here, aside, there } as const;
  const nothing: Remedy = { steps: [], where: 'unknown', settled: true };
  const decided = superseded ? nothing : remedy(group.decision, group.stopped, sighting);
  return { name, sighting, remedy: decided, superseded, reason };
}

async function lookThere(
  group: UnfinishedGroup,
  name: string,
  index: number,
  { to, secret, insecure }: RecoveryHints,
  listed: readonly ListedDomain[] | VmbuddiesError,
  here: Sighting['here'],
): Promise<Sighting['there']> {
  const { destination, decision, home, owner } = group;
  const uuid = home?.uuids[index];
  if (destination?.kind === 'xen') {
    if (listed instanceof VmbuddiesError) throw listed;
    return seenInXlList(listed, name, uuid);
  }
  // A receiver drops by itself what it was not told to start: nothing of it can be left.
  if (decision === 'ABORT' && here !== 'absent') return 'absent';
  const address = to ?? destination?.to;
  if (address === undefined || uuid === undefined) {
    throw new VmbuddiesError('ERR_VMBUDDIES_JOURNAL', `the record does not say where, or which ${name}, it was to go`);
  }
  const trust = trustOf(group, { ...(secret && { secret }), ...(insecure && { insecure }) });
  // Of a record that does not say when it began, nothing that a receiver remembers is old enough.
  const beganMs = Math.min(owner?.beganMs ?? 0, Date.now());
  const until = Date.now() + patienceMs;
  for (;;) {
    const answer = await askReceiver({ to: address, name, uuid, agoMs: Date.now() - beganMs, ...trust });
    if (answer === 'running') return 'runs';
    if (answer === 'unknown') return 'forgotten';
    if (answer !== 'held' || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/** As said now, or else as the migration was told. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT for its secret's file */
export function trustOf({ destination }: UnfinishedGroup, said: PeerOptions): PeerOptions {
  if (said.secret || said.insecure) return said;
  if (destination?.secretFile !== undefined) return { secret: readSecretFile(destination.secretFile) };
  return destination?.insecure ? { insecure: true } : {};
}

/** Of a domain in a group, whatever it is called now. Where a copy is on this very host too, the one that stepped aside. */
function findSource(group: UnfinishedGroup, name: string, index: number, hints: RecoveryHints): DomainInfo | undefined {
  const xen = group.destination?.kind === 'xen';
  const here = xen
    ? listDomains().filter(({ kind }) => kind === 'xen')
    : listDomains({ registry: registryOf(group, hints) });
  const uuid = group.home?.uuids[index];
  const candidates = here.filter(
    (domain) =>
      domain.state !== 'incoming' && (uuid === undefined ? ownName(domain.name) === name : domain.uuid === uuid),
  );
  return candidates.find((domain) => isAside(domain.name)) ?? candidates[0];
}

function openSource(group: UnfinishedGroup, name: string, index: number, hints: RecoveryHints): Domain {
  const source = findSource(group, name, index, hints);
  if (source === undefined) {
    throw new VmbuddiesError('ERR_VMBUDDIES_DOMAIN_GONE', `${name} has ended here meanwhile`, { domain: name });
  }
  const where = source.kind === 'process' ? { registry: registryOf(group, hints) } : {};
  const domain = openDomain(source.reference, where);
  if (domain.info().uuid === source.uuid) return domain;
  void domain.close();
  throw new VmbuddiesError('ERR_VMBUDDIES_STATE', `${source.name} has changed hands meanwhile: look again`);
}

/** The folder that stands for the host the group left. */
export function registryOf({ home }: UnfinishedGroup, { registry }: RecoveryHints = {}): string {
  return home?.registry ?? registry ?? defaultRegistry();
}

/** Xen's word for a guest that a migration has stopped is `suspended`; one that xl has paused is its owner's affair. */
function standsStill(source: DomainInfo): boolean {
  return source.kind === 'xen' ? source.state === 'suspended' : source.state === 'paused';
}

function remoteOf({ destination }: UnfinishedGroup, { to }: RecoveryHints): ReturnType<typeof remoteHost> {
  return remoteHost(to ?? destination!.to, destination!.ssh);
}

async function listThere(group: UnfinishedGroup, hints: RecoveryHints): Promise<ListedDomain[] | VmbuddiesError> {
  try {
    const remote = remoteOf(group, hints);
    const finished = await runRemote({ ...remote, command: ['xl', 'list', '-v'], timeoutMs: listTimeoutMs });
    if (finished.exitCode === 0) return parseXlList(finished.stdout);
    const why = lastWords(finished) || `exit code ${finished.exitCode}`;
    return new VmbuddiesError('ERR_VMBUDDIES_PEER', `xl list on ${remote.host}: ${why}`, { operation: 'recover' });
  } catch (error) {
    return VmbuddiesError.from(error);
  }
}

function seenInXlList(listed: readonly ListedDomain[], name: string, uuid: string | undefined): Sighting['there'] {
  const isIt = (domain: ListedDomain) => uuid === undefined || domain.uuid === undefined || sameUuid(domain.uuid, uuid);
  const own = listed.find((domain) => domain.name === name && isIt(domain));
  // One that has run and is paused is its owner's affair.
  if (own !== undefined) return own.paused && own.cpuSeconds === 0 ? 'paused' : 'runs';
  const copy = listed.find((domain) => domain.name === `${name}--incoming` && isIt(domain));
  if (copy === undefined) return 'absent';
  return copy.paused && copy.cpuSeconds === 0 ? 'incoming' : 'held';
}

/** xl and the hypervisor need not spell it alike. */
function sameUuid(one: string, other: string): boolean {
  const plain = (uuid: string) => uuid.toLowerCase().replaceAll('-', '');
  return plain(one) === plain(other);
}

async function sweepCopy(remote: ReturnType<typeof remoteHost>, name: string): Promise<void> {
  const [swept] = await sweep(remote, [name]);
  if (swept!.outcome !== 'kept') return;
  throw new VmbuddiesError('ERR_VMBUDDIES_REFUSED', `${name}--incoming on ${remote.host} is kept: ${swept!.reason}`);
}

async function unpauseCopy(remote: ReturnType<typeof remoteHost>, name: string): Promise<void> {
  const finished = await runRemote({ ...remote, command: ['xl', 'unpause', name], timeoutMs: listTimeoutMs });
  if (finished.exitCode === 0) return;
  const why = lastWords(finished) || `exit code ${finished.exitCode}`;
  throw new VmbuddiesError('ERR_VMBUDDIES_PEER', `xl unpause ${name} on ${remote.host}: ${why}`);
}

/** ABORT could not be recorded behind a COMMIT that may have been: nothing was done. */
function unrecorded(finding: DomainFinding, reason: string | null): RecoveredDomain {
  const why = reason ?? 'the decision could not be recorded';
  return { name: finding.name, where: 'unknown', settled: false, did: [], finding, reason: why };
}
