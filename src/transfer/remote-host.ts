import { VmbuddiesError } from '../errors.ts';
import { type Check, failed, passed } from './check.ts';
import { type Finished, lastWords, runCommand } from './command.ts';
import { type Destination, judgeDestination, type Party } from './destination-checks.ts';
import { type RemoteHost, runRemote } from './transport.ts';
import { autoballoons, parseXlInfo, parseXlList, type XenHost } from './xl-output.ts';

const timeoutMs = 60_000;
/** A shell's exit code for "no such program". */
const notFound = 127;
/** All in one, for a connection through ssh takes its time. There need not be an xl.conf. */
const question = 'xl info && echo --- && xl list && echo --- && { cat /etc/xen/xl.conf 2>/dev/null || true; }';

/**
 * Examines, before anything moves, whether a host can take these domains. Changes nothing there. Where a
 * check fails that the others rest upon, it is the only one.
 */
export async function inspectRemoteHost(remote: RemoteHost, party: Party): Promise<Check[]> {
  const here = await examineThisHost();
  if ('verdict' in here) return [here];
  const there = await examineOtherHost(remote);
  if ('verdict' in there) return [there];
  const answers = passed(subjectOf(remote), `answers, with Xen ${there.xen.version}`);
  return [answers, ...judgeDestination(there, here, party)];
}

/** What xl says of this host, or why it says nothing. */
export async function examineThisHost(): Promise<XenHost | Check> {
  const info = await attempt(runCommand(['xl', 'info'], timeoutMs));
  if (info instanceof VmbuddiesError) return failed('xl', info.message, 'install xen-utils');
  return parseXlInfo(info.stdout) ?? failed('xl', `xl does not work here: ${complaint(info)}`, 'boot Xen, and be root');
}

async function examineOtherHost(remote: RemoteHost): Promise<Destination | Check> {
  const { host, ssh = 'ssh' } = remote;
  const fail = (finding: string, fix: string) => failed(subjectOf(remote), finding, fix);
  const answer = await attempt(runRemote({ ...remote, command: ['sh', '-c', question], timeoutMs }));
  if (answer instanceof VmbuddiesError) {
    return fail(answer.message, `make "${ssh} ${host} xl info" work without a question`);
  }
  if (answer.exitCode === notFound) return fail(`there is no xl on ${host}`, 'install xen-utils there');
  const [info = '', list = '', ...xlConf] = answer.stdout.split('\n---\n');
  const xen = parseXlInfo(info);
  if (answer.exitCode !== 0 || xen === null) {
    return fail(`xl does not work on ${host}: ${complaint(answer)}`, 'boot it into Xen, and log in there as root');
  }
  // Whatever a login prints comes before xl's receiver, which speaks a protocol from its first byte on.
  const noise = info.slice(0, info.search(/^host\s*:/m)).trim();
  if (noise !== '') {
    const fix = 'let the shell there print nothing at a login that is not interactive';
    return fail(`${host} prints "${noise.slice(0, 60)}" before what it was asked for`, fix);
  }
  return { ...remote, xen, domains: parseXlList(list), autoballoons: autoballoons(xlConf.join('\n'), xen.commandLine) };
}

async function attempt(finished: Promise<Finished>): Promise<Finished | VmbuddiesError> {
  try {
    return await finished;
  } catch (error) {
    return VmbuddiesError.from(error);
  }
}

function complaint(finished: Finished): string {
  return lastWords(finished) || `exit code ${finished.exitCode}`;
}

function subjectOf({ host }: RemoteHost): string {
  return `host ${host}`;
}
