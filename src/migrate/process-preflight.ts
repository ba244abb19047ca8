import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asideName } from '../domains/aside.ts';
import type { Domain, ProcessDomain } from '../domains/domain.ts';
import { listDomains } from '../domains/open.ts';
import { VmbuddiesError } from '../errors.ts';
import { type Check, failed, noted, passed } from '../transfer/check.ts';
import { formatSize } from '../units.ts';
import { defaultJournalFolder } from './journal-folder.ts';
import type { PeerOptions } from './peers.ts';
import { askReceiver } from './receiver.ts';

export interface ProcessJourney extends PeerOptions {
  readonly domains: readonly ProcessDomain[];
  /** The receiver's address. */
  readonly to: string;
  /** The folder that stands for this host, where it is not the default. */
  readonly registry?: string | undefined;
  readonly journalFolder?: string | undefined;
}

/**
 * Everything that can be known to stand in the way of process domains before anything moves. Changes nothing: it switches
 * each dirty log on and off again, writes an empty file into the journal's folder and removes it, and asks the receiver.
 */
export async function preflightProcess(journey: ProcessJourney): Promise<Check[]> {
  const { domains, to, registry, journalFolder = defaultJournalFolder() } = journey;
  const names = listDomains(registry === undefined ? undefined : { registry }).map(({ name }) => name);
  const checks: Check[] = [];
  for (const domain of domains) checks.push(await checkLog(domain), checkName(domain, names));
  checks.push(await checkJournal(journalFolder));
  const receiver = `receiver ${to}`;
  for (const domain of domains) {
    const answer = await ask(domain, journey);
    if (answer instanceof VmbuddiesError) {
      return [
        ...checks,
        failed(receiver, answer.message, 'start one there with "vmbuddies receive", and look at the way to it'),
      ];
    }
    if (domain === domains[0]) checks.push(passed(receiver, 'answers, and speaks this protocol'));
    checks.push(answer);
  }
  const bytes = domains.reduce((sum, domain) => sum + domain.info().presentBytes, 0);
  checks.push(
    noted('memory', `${formatSize(bytes)} needed there: the receiver refuses before a byte is sent if it lacks them`),
  );
  return checks;
}

async function checkLog(domain: Domain): Promise<Check> {
  const subject = `${domain.name}: dirty log`;
  try {
    const log = await domain.openDirtyLog();
    await log[Symbol.asyncDispose]();
    return passed(subject, 'works');
  } catch (thrown) {
    const { code, message } = VmbuddiesError.from(thrown);
    const fix = code === 'ERR_VMBUDDIES_DIRTY_LOG_BUSY' ? 'wait for what has it' : 'vmbuddies doctor';
    return failed(subject, message, fix);
  }
}

function checkName({ name }: Domain, names: readonly string[]): Check {
  const aside = asideName(name);
  if (!names.includes(aside)) return passed(`${name}: name`, 'free for its copy');
  return failed(`${name}: name`, `there is a ${aside} here, left over from a migration`, 'vmbuddies recover');
}

async function checkJournal(folder: string): Promise<Check> {
  const trial = join(folder, `.preflight-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(trial, '', { mode: 0o600 });
    await rm(trial);
    return passed('journal', `${folder} can be written`);
  } catch (error) {
    return failed('journal', (error as Error).message, 'make it writable, or name another with VMBUDDIES_STATE');
  }
}

async function ask(domain: ProcessDomain, { to, secret, insecure }: ProcessJourney): Promise<Check | VmbuddiesError> {
  const { name } = domain;
  const subject = `${name}: there`;
  try {
    const trust = { ...(secret && { secret }), ...(insecure && { insecure }) };
    const answer = await askReceiver({ to, name, uuid: domain.info().uuid, ...trust });
    if (answer === 'running') return failed(subject, 'a copy of it runs there already', 'destroy one of the two');
    if (answer === 'held') return failed(subject, 'it is being received there now', 'wait for that to end');
    return passed(subject, 'no copy of it');
  } catch (thrown) {
    return VmbuddiesError.from(thrown);
  }
}
